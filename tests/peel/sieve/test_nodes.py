import numpy as np

from hometruth.peel.sieve.nodes import LONGEST_KNOWN, Nodes


def words_in(
    nodes: Nodes, parent: int, words: list[bytes], *, guess: bool = False
) -> tuple[list[int], list[bytes], list[int]]:
    parents, guesses = np.full(len(words), parent), np.full(len(words), guess)
    places, new, numbers = nodes.words(parents, words, guesses)
    return places.tolist(), new, numbers.tolist()


def test_a_string_is_suspect_if_one_that_came_out_of_it_is() -> None:
    nodes = Nodes()
    part, other = nodes.add(b"part"), nodes.add(b"other")
    nodes.child(part, b"inside")
    _, _, numbers = words_in(nodes, nodes.add(b"inside"), [b"word"])
    nodes.suspect(numbers[0])
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


def test_words_are_new_once_and_every_string_that_has_one_is_told() -> None:
    nodes = Nodes()
    one, two = nodes.add(b"string one"), nodes.add(b"string two")

    assert words_in(nodes, one, [b"aaaa", b"bbbb", b"aaaa"]) == ([0, 1], [b"aaaa", b"bbbb"], [2, 3])
    places, new, numbers = words_in(nodes, two, [b"bbbb", b"cccc"])
    assert (places, new) == ([1], [b"cccc"])
    nodes.suspect(3)
    nodes.settle()
    assert [nodes.is_suspect(number) for number in (one, two, *numbers)] == [True, True, False]


def test_words_that_were_empty_are_not_new_again() -> None:
    nodes = Nodes()
    words_in(nodes, nodes.add(b"string"), [b"aaaa"])
    nodes.settle()
    nodes.begin()

    assert words_in(nodes, nodes.add(b"other"), [b"aaaa", b"bbbb"]) == ([1], [b"bbbb"], [1])


def test_damage_does_not_reach_over_a_word_that_is_a_guess() -> None:
    for guess in (True, False):
        nodes = Nodes()
        part = nodes.add(b"part")
        _, _, (number,) = words_in(nodes, part, [b"word"], guess=guess)
        nodes.damaged(number)
        nodes.settle()

        assert nodes.is_suspect(part) is not guess


def test_words_are_those_of_a_string_and_of_all_that_came_out_of_it() -> None:
    nodes = Nodes()
    part, other = nodes.add(b"part"), nodes.add(b"other")
    words = [b"word %d" % n for n in range(70)]
    nodes.child(part, b"inside")
    nodes.child(nodes.add(b"inside"), b"innermost")
    for word in words[1:]:
        nodes.word(nodes.add(b"innermost"), word)
    nodes.word(part, words[0])
    nodes.word(other, words[0])
    nodes.settle()

    assert nodes.words_held(part) == frozenset(words)
    assert nodes.words_held(other) == {words[0]}
    assert nodes.words_held(-1) == frozenset()
    assert not nodes.is_suspect(part)
    assert not nodes.empty & {b"part", b"other", b"inside", b"innermost"}
