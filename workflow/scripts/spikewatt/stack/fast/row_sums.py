"""Sums of rows that a list chooses, kept in the processor's registers.

The one loop behind all event-driven sums of convolutions: rows of weights that spikes
choose, rows of gradients that they choose, rows of weights times gradients. numba alone
keeps such a sum in memory, and reads and writes it for each row, which takes several
times as long. Rows are added in the order of the list.
"""

import llvmlite.binding
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from spikewatt.compute.numba_cache import compiled
from spikewatt.stack.fast.vectors import BOOL, I16, I64, Vectors, data

# Vectors of a sum that are held at once: registers for them, and some to spare.
HELD = 8 if llvmlite.binding.get_host_cpu_features().get("avx512f") else 4
NAMES = ("sums", "at", "rows", "lanes", "vector", "address", "scale", "lo", "hi")
NAMES += ("shift",)


def _adding(held, chains=1):
    """The loop, for sums of so many vectors in so many chains; see `add_rows`."""

    @intrinsic
    def add(context, sums, at, rows, lanes, vector, address, scale, lo, hi, shift):
        given = (sums, at, rows, lanes, vector, address, scale, lo, hi, shift)

        def write(context, builder, signature, args):
            loop = _Loop(context, builder, signature.args, args)
            loop.write(held, chains)
            return context.get_dummy_value()

        return types.void(*given), write

    return add


class _Loop:
    """Writes the loop; `add_rows` and `add_freely` say what it does.

    A term is a row's vector, times its factor if it has one, or where a row is bits the
    factor where they are set. Rows of int8 are summed in 16 bits, others as `sums` are.
    """

    def __init__(self, context, builder, kinds, args):
        self.builder, self.given = builder, dict(zip(NAMES, args, strict=True))
        kinds = dict(zip(NAMES, kinds, strict=True))
        self.arrays = {
            name: data(context, builder, kinds[name], self.given[name])
            for name in ("sums", "rows", "address", "scale")
            if kinds[name] != types.none
        }
        sums, rows = kinds["sums"].dtype, kinds["rows"].dtype
        self.bits, narrow = rows == types.uint16, rows == types.int8
        value = context.get_data_type(sums)
        self.held = Vectors(builder, I16 if narrow else value)
        self.sums = Vectors(builder, value, self.held.count)
        self.rows = Vectors(builder, context.get_data_type(rows), self.held.count)

    def write(self, count, chains):
        """`count` vectors, from number `vector` on, in `chains` chains of additions."""
        builder, given = self.builder, self.given
        column = builder.mul(given["vector"], ir.Constant(I64, self.held.count))
        place = builder.add(given["at"], column)
        target = builder.gep(self.arrays["sums"], [place])
        first = given["vector"] if self.bits else column
        first = builder.gep(self.arrays["rows"], [first])
        held = [
            [cgutils.alloca_once(builder, self.held.type) for _ in range(count)]
            for _ in range(chains)
        ]
        for one in (one for chain in held for one in chain):
            builder.store(self.held.zeros, one)
        ordered = chains == 1 and self.held.type == self.sums.type
        if ordered:
            for number, one in enumerate(held[0]):
                builder.store(self.sums.load(target, number), one)
        self._events(first, held)
        for number, one in enumerate(held[0]):
            total = builder.load(one)
            for chain in held[1:]:
                total = self._plus(total, builder.load(chain[number]))
            if not ordered:
                before = self.sums.load(target, number)
                total = self._plus(before, self._widened(total, self.sums))
            self.sums.store(total, target, number)

    def _events(self, first, held):
        builder, lo, hi = self.builder, self.given["lo"], self.given["hi"]
        one, step = ir.Constant(I64, 1), ir.Constant(I64, len(held))
        if len(held) > 1:
            rest = builder.srem(builder.sub(hi, lo), step)
            middle = builder.sub(hi, rest)
            with cgutils.for_range_slice(builder, lo, middle, step, I64) as (e, _):
                for number, chain in enumerate(held):
                    event = builder.add(e, ir.Constant(I64, number))
                    self._add(event, first, chain)
            lo = middle
        with cgutils.for_range_slice(builder, lo, hi, one, I64) as (e, _):
            self._add(e, first, held[0])

    def _add(self, event, first, chain):
        builder = self.builder
        chosen = builder.load(builder.gep(self.arrays["address"], [event]))
        row = builder.sub(builder.sext(chosen, I64), self.given["shift"])
        source = builder.gep(first, [builder.mul(row, self.given["lanes"])])
        factor = None
        if "scale" in self.arrays:
            value = builder.load(builder.gep(self.arrays["scale"], [event]))
            factor = self.held.spread(value)
        for number, one in enumerate(chain):
            if self.bits:
                term = self._where(source, number, factor)
                total = self._plus(builder.load(one), term)
            else:
                term = self._widened(self.rows.load(source, number), self.held)
                total = self._plus(builder.load(one), term, factor)
            builder.store(total, one)

    def _where(self, words, number, factor):
        place = self.builder.gep(words, [ir.Constant(I64, number)])
        kind = ir.VectorType(BOOL, self.held.count)
        mask = self.builder.bitcast(self.builder.load(place), kind)
        return self.builder.select(mask, factor, self.held.zeros)

    def _widened(self, value, vectors):
        same = value.type == vectors.type
        return value if same else self.builder.sext(value, vectors.type)

    def _plus(self, total, term, factor=None):
        if not self.sums.real:
            return self.builder.add(total, term)
        if factor is None:
            return self.builder.fadd(total, term)
        term = self.builder.fmul(term, factor, flags=("contract",))
        return self.builder.fadd(total, term, flags=("contract",))


_add_1, _add_2, _add_4, _add_8 = (_adding(count) for count in (1, 2, 4, 8))
# An addition of floats waits for the one before it: several chains of them wait less.
_chains_1, _chains_2, _chains_4 = _adding(1, 4), _adding(2, 4), _adding(4, 2)


@compiled(forceinline=True)
def add_rows(sums, at, lanes, vectors, rows, address, lo, hi, shift):
    """sums[at + n] += Σ rows[(address[e] − shift)·lanes + n] for e = lo…hi − 1.

    sums, rows: flat, of the same kind, or integers of which a row's are narrower; what
    is added of int8 must stay within 16 bits. n = 0…lanes − 1, so many vectors
    (`vectors_of`). address: int32. In the order of the list.
    """
    done = 0
    while HELD >= 8 and done + 8 <= vectors:
        _add_8(sums, at, rows, lanes, done, address, None, lo, hi, shift)
        done += 8
    while done + 4 <= vectors:
        _add_4(sums, at, rows, lanes, done, address, None, lo, hi, shift)
        done += 4
    if done + 2 <= vectors:
        _add_2(sums, at, rows, lanes, done, address, None, lo, hi, shift)
        done += 2
    if done < vectors:
        _add_1(sums, at, rows, lanes, done, address, None, lo, hi, shift)


@compiled(forceinline=True)
def add_freely(sums, at, lanes, vectors, rows, address, scale, lo, hi, shift):
    """As `add_rows`, in an order of its own, each row times scale[e].

    scale: of the kind of the sums, a product of floats is rounded together with its
    sum; None: 1. rows: also of bits, uint16 words of which a row has `lanes`, one for
    each vector of 16 sums.
    """
    done = 0
    while HELD >= 8 and done + 8 <= vectors:
        _add_8(sums, at, rows, lanes, done, address, scale, lo, hi, shift)
        done += 8
    while done + 4 <= vectors:
        _chains_4(sums, at, rows, lanes, done, address, scale, lo, hi, shift)
        done += 4
    if done + 2 <= vectors:
        _chains_2(sums, at, rows, lanes, done, address, scale, lo, hi, shift)
        done += 2
    if done < vectors:
        _chains_1(sums, at, rows, lanes, done, address, scale, lo, hi, shift)
