"""A gate as JUnit XML: a test case for each transfer, each control, and for what could be seen.

The elements are those that Jenkins, GitLab and others read in common: https://github.com/testmoapp/junitxml
"""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from hometruth.model import Gated, Obstacle, ObstacleKind, Ruling, Transfer
from hometruth.report.gate_text import line_of_transfer, sentence
from hometruth.report.text import escape_terminal

SKIPPED = (Ruling.WAIVED, Ruling.IN_BASELINE)


def gate_junit(gated: Gated) -> bytes:
    """UTF-8 with a declaration. A leak fails, an obstacle is an error, what is waived or known is skipped."""
    suite = Element("testsuite", name="hometruth gate")
    for transfer in gated.transfers:
        _transfer(suite, transfer)
    for control in gated.controls:
        missing = [
            each
            for each in gated.obstacles
            if each.kind is ObstacleKind.NO_CONTROL
            and each.about == control.canary
            and each.detail == ", ".join(control.to)
        ]
        _case(suite, "control", f"{control.canary} arrives at {', '.join(control.to)}", missing)
    others = [each for each in gated.obstacles if each.kind is not ObstacleKind.NO_CONTROL]
    _case(suite, "coverage", "enough was seen", others)
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for name, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(kind) is not None for case in cases)))
    root = Element("testsuites", suite.attrib)
    root.append(suite)
    indent(root)
    data: bytes = tostring(root, "utf-8", xml_declaration=True)
    return data + b"\n"


def _transfer(suite: Element, transfer: Transfer) -> None:
    name = escape_terminal(f"{transfer.canary} to {transfer.recipient} in {transfer.field}")
    case = SubElement(
        suite, "testcase", classname=f"hometruth.{transfer.ruling.replace(' ', '-')}", name=name
    )
    text = line_of_transfer(transfer)
    if transfer.ruling is Ruling.LEAK:
        SubElement(case, "failure", type="leak", message=text).text = text
    elif transfer.ruling in SKIPPED:
        SubElement(
            case, "skipped", message=f"{transfer.ruling}: {transfer.why}" if transfer.why else transfer.ruling
        )


def _case(suite: Element, group: str, name: str, obstacles: list[Obstacle]) -> None:
    case = SubElement(suite, "testcase", classname=f"hometruth.{group}", name=escape_terminal(name))
    if obstacles:
        text = "\n".join(map(sentence, obstacles))
        kinds = ", ".join(dict.fromkeys(str(each.kind) for each in obstacles))
        SubElement(case, "error", type=kinds, message=sentence(obstacles[0])).text = text
