"""Notes numbered through a page: each is said once, and marks follow."""

from spikewatt.report.grids import Grid
from spikewatt.report.notes import Notes


def grid(cells, *texts, left_out=""):
    heads = [("", False)] * 2
    notes = [("kind", text) for text in texts]
    return Grid("T", heads, [[["a", cell] for cell in cells]], 1, notes, "", left_out)


def test_a_note_is_told_where_it_first_stands_and_marks_follow():
    book = Notes()
    one = book.of_grid(grid(["— [1]", "2 [2]"], "first", "second"))
    two = book.of_grid(grid(["— [1] [2]"], "third", "first", left_out="«W» [2]."))
    assert one.notes.new == ((1, "kind", "first"), (2, "kind", "second"))
    assert one.notes.old == ()
    assert two.notes.new == ((3, "kind", "third"),)
    assert two.notes.old == (1,)
    assert two.groups == [[["a", "— [3] [1]"]]]
    assert two.left_out == "«W» [1]."
    assert len(book) == 3


def test_intervals_and_brackets_of_other_kinds_are_no_marks():
    cells = ["2.81 [2.70, 2.93]", "[5]", "a[1]", "[1](x)", "[0]"]
    moved = Notes()
    moved.tell([("kind", "further up")])
    assert [row[1] for row in moved.of_grid(grid(cells, "mine")).groups[0]] == cells


def test_the_mark_before_a_flag_makes_no_other_note():
    book = Notes()
    book.tell([("flag", "† Flagged «loaded»: exp1.")])
    told, numbers = book.tell([("flag", "Flagged «loaded»: exp1.")])
    assert (told.new, told.old, numbers) == ((), (1,), [1])
