from dataclasses import replace

from markdown_it import MarkdownIt

from hometruth.report.first_screen import first_screen
from hometruth.report.markdown import audit_markdown
from tests.report.audits import build_audit
from tests.report.test_first_screen import EVIL, lost


def read(text: str) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(text))


def test_it_says_what_the_first_screen_says() -> None:
    audit = build_audit()
    screen, html = first_screen(audit), read(audit_markdown(audit))

    assert html.count("<h1>") == 1
    assert html.count("<table>") == 2
    assert all(lines.startswith("|") for lines in audit_markdown(audit).split("\n\n") if "| --- |" in lines)
    assert html.count("<tr>") == 2 + len(screen.matrix.columns) + len(screen.headlines)
    for told in (screen.title, screen.head, *screen.not_seen):
        assert told in html.replace("&amp;", "&")
    assert all(item.summary.verdict.verdict.value in html for item in screen.headlines)


def test_without_sessions_it_says_so_and_has_no_matrix() -> None:
    assert "Nothing was tested" in audit_markdown(lost(build_audit()))


def test_what_was_captured_means_nothing_in_it() -> None:
    audit = build_audit()
    subject = replace(audit.subject, name=f"phone {EVIL} <script>x</script> | a | [b](javascript:c)")
    text = audit_markdown(replace(audit, subject=subject))

    assert "javascript" in text
    assert not {"\x1b", "\x00", "\u202e"} & set(text)
    assert "<script" not in read(text)
    assert "<a " not in read(text)
