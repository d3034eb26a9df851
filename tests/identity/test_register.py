"""Identifiers are read from fields that the protocol says hold them, and only from telemetry."""

from hometruth.identity import IdentifierRegister
from hometruth.model import Part, Recipient, Step, Value

SDK = Recipient("sa.example", "sa.example", sdk="Sensors Analytics")
OTHER = Recipient("shop.example", "shop.example")


def value(path: str, data: str) -> Value:
    return Value(Part.BODY, "", data.encode(), (Step("json", 0, path),))


def test_one_identifier_seen_in_two_trials_is_one_row() -> None:
    register = IdentifierRegister()
    for trial in ("t2", "t1"):
        values = [value("data_list[0].distinct_id", "u1"), value("data_list[0].event", "x")]
        register.add(values, SDK, dict.fromkeys(values, trial).get)

    (found,) = register.identifiers()

    assert (found.value, found.field, found.kind, found.trials) == ("u1", "distinct_id", "user", ("t1", "t2"))


def test_fields_of_the_same_name_elsewhere_are_not_identifiers() -> None:
    register = IdentifierRegister()
    register.add([value("data_list[0].distinct_id", "u1")], OTHER, lambda _: "t1")
    register.add([value("data_list[0].properties.distinct_id", "u1")], SDK, lambda _: "t1")

    assert register.identifiers() == ()


def test_what_an_identifier_decodes_to_is_no_identifier() -> None:
    register = IdentifierRegister()
    field = value("data_list[0].properties.$device_id", "a1b2c3d4e5f60718")
    decoded = Value(Part.BODY, "", bytes.fromhex("a1b2c3d4e5f60718"), (*field.steps, Step("hex", 0)))
    register.add([field, decoded], SDK, lambda _: "t1")

    assert [item.value for item in register.identifiers()] == ["a1b2c3d4e5f60718"]
