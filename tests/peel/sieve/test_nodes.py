from hometruth.peel.sieve.nodes import LONGEST_KNOWN, Nodes


def test_a_string_is_suspect_if_one_that_came_out_of_it_is() -> None:
    nodes = Nodes()
    part, other = nodes.add(b"part"), nodes.add(b"other")
    nodes.child(part, b"inside")
    nodes.suspect(nodes.word(nodes.add(b"inside"), b"word"))
    nodes.settle()

    assert (nodes.is_suspect(part), nodes.is_suspect(other)) == (True, False)


def test_damage_does_not_reach_over_a_guess_and_a_find_does() -> None:
    for note, reaches in ((Nodes.damaged, False), (Nodes.suspect, True)):
        nodes = Nodes()
        part = nodes.add(b"part")
        nodes.child(part, b"guess", guess=True)
        note(nodes, nodes.add(b"guess"))
        nodes.settle()

        assert nodes.is_suspect(part) is reaches


def test_what_was_empty_is_not_sifted_again_and_what_was_not_is() -> None:
    nodes = Nodes()
    empty, suspect, long = nodes.add(b"empty"), nodes.add(b"suspect"), nodes.add(b"x" * (LONGEST_KNOWN + 1))
    nodes.suspect(suspect)
    nodes.settle()
    nodes.begin()

    assert (empty, suspect, long) == (0, 1, 2)
    assert nodes.add(b"empty") == -1
    assert nodes.add(b"suspect") >= 0
    assert nodes.add(b"x" * (LONGEST_KNOWN + 1)) >= 0
    assert b"empty" in nodes.empty


def test_circles_end() -> None:
    nodes = Nodes()
    one = nodes.add(b"one1")
    nodes.child(one, b"two2")
    nodes.child(nodes.add(b"two2"), b"one1")
    nodes.suspect(one)
    nodes.settle()

    assert nodes.is_suspect(one)
