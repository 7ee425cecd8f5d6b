"""Vectors of 64 bytes in LLVM's own terms, for what numba's loops do slowly.

LLVM cuts them where a processor's are shorter. `row_sums`, `pooling` and `winners` have
loops of them: sums that stay in registers, and the few values at a vector's end.
"""

import numpy as np
from llvmlite import ir
from numba.core import cgutils

from spikewatt.compute.numba_cache import compiled

VECTOR_BYTES = 64
# Values of 4 bytes in a vector.
VECTOR = VECTOR_BYTES // 4
BOOL, BYTE, I16, I32, I64 = (ir.IntType(bits) for bits in (1, 8, 16, 32, 64))


def padded(count, sums, rows=None):
    """`count` values of sums, filled up to whole vectors; see `vectors_of`.

    sums, rows: bytes of a value of each.
    """
    vector = VECTOR_BYTES // (2 if rows == 1 else sums)
    return -(-count // vector) * vector


@compiled
def vectors_of(lanes, sums, rows):
    """How many vectors hold so many values of sums of rows, both arrays.

    Rows of 8 bits are summed in 16.
    """
    return lanes // (VECTOR_BYTES // (2 if rows.itemsize == 1 else sums.itemsize))


@compiled
def aligned(count, like):
    """Room for `count` values of the kind of the array `like`, from a whole line on."""
    spare = VECTOR_BYTES // like.itemsize
    buffer = np.empty(count + spare, like.dtype)
    first = (-buffer.ctypes.data % VECTOR_BYTES) // like.itemsize
    return buffer[first : first + count]


class Vectors:
    """Vectors of `count` values of a kind, written by a builder.

    masked: whether loads and stores leave out what `mask`, set by `first_of`, leaves
    out.
    """

    mask = None

    def __init__(self, builder, value, count=None):
        self.builder, self.value = builder, value
        self.bytes = 4 if self.real else value.width // 8
        self.count = count or VECTOR_BYTES // self.bytes

    @property
    def type(self):
        return ir.VectorType(self.value, self.count)

    @property
    def real(self):
        """Whether the values are floating-point numbers."""
        return isinstance(self.value, ir.FloatType)

    @property
    def zeros(self):
        return ir.Constant(self.type, None)

    def first_of(self, left):
        """Let loads and stores be of the first `left` values alone (i64)."""
        numbers = Vectors(self.builder, I32, self.count)
        last = numbers.spread(self.builder.trunc(left, I32))
        self.mask = self.builder.icmp_signed("<", numbers.counted(), last)
        return self.mask

    def load(self, base, number=0):
        place = self._at(base, number)
        if self.mask is None:
            return self.builder.load(place, align=self.bytes)
        given = [place, ir.Constant(I32, self.bytes), self.mask, self.zeros]
        return self._call("llvm.masked.load", f".{self.name}.p0", self.type, given)

    def store(self, value, base, number=0):
        place = self._at(base, number)
        if self.mask is None:
            return self.builder.store(value, place, align=self.bytes)
        given = [value, place, ir.Constant(I32, self.bytes), self.mask]
        nothing = ir.VoidType()
        return self._call("llvm.masked.store", f".{self.name}.p0", nothing, given)

    def compressed(self, value, mask):
        """The chosen values, one after the other from the first place on."""
        given = [value, mask, ir.Constant(self.type, ir.Undefined)]
        name = "llvm.experimental.vector.compress"
        return self._call(name, f".{self.name}", self.type, given)

    def append(self, value, mask, array, count):
        """Write the chosen values into an array from `count` on, a whole vector."""
        chosen = self.compressed(value, mask)
        self.store(chosen, self.builder.gep(array, [count]))

    def chosen(self, mask):
        """How many values a mask chooses, i64."""
        whole = ir.IntType(self.count)
        bits = self.builder.bitcast(mask, whole)
        name = f".i{self.count}"
        return self.builder.zext(self._call("llvm.ctpop", name, whole, [bits]), I64)

    def spread(self, value):
        """A vector whose every value is `value`."""
        nothing = ir.Constant(self.type, ir.Undefined)
        lone = self.builder.insert_element(nothing, value, ir.Constant(I32, 0))
        places = ir.Constant(ir.VectorType(I32, self.count), None)
        return self.builder.shuffle_vector(lone, nothing, places)

    def larger(self, one, other):
        """Which values are larger than the other's: a mask."""
        compared = self.builder.fcmp_ordered if self.real else self.builder.icmp_signed
        return compared(">", one, other)

    def counted(self):
        """0, 1, 2, …"""
        return ir.Constant(self.type, list(range(self.count)))

    @property
    def name(self):
        return f"v{self.count}{'f' if self.real else 'i'}{8 * self.bytes}"

    def _at(self, base, number):
        place = self.builder.gep(base, [ir.Constant(I64, number * self.count)])
        return self.builder.bitcast(place, self.type.as_pointer())

    def _call(self, name, kinds, result, given):
        kind = ir.FunctionType(result, [one.type for one in given])
        module = self.builder.module
        function = cgutils.get_or_insert_function(module, kind, name + kinds)
        return self.builder.call(function, given)


def data(context, builder, kind, array):
    """The pointer to an array's first value."""
    return cgutils.create_struct_proxy(kind)(context, builder, array).data
