"""Factories of every kind, and those that go wrong."""

from neuron import h

from mnvalidate.models.motoneuron import Motoneuron

h("""
begintemplate Ball
public soma, dend
create soma, dend
proc init() {
    connect dend(0), soma(1)
    soma { L = 30 diam = 30 insert pas g_pas = 1e-4 e_pas = -65 }
    dend { L = 400 diam = 3 nseg = 11 insert pas g_pas = 1e-4 e_pas = -65 }
}
endtemplate Ball
begintemplate Rows
public soma, dend
create soma[1], dend[2]
proc init() { soma[0] { L = 30 diam = 30 insert pas g_pas = 1e-4 e_pas = -65 } }
endtemplate Rows
begintemplate Alone
public body
create body
proc init() { body { L = 30 diam = 30 insert pas g_pas = 1e-4 e_pas = -65 } }
endtemplate Alone
begintemplate Nameless
public a, b
create a, b
endtemplate Nameless
""")


class Cell:
    """A cell as classes of Python describe them."""

    def __init__(self, length):
        self.soma = h.Section(name="soma", cell=self)
        self.dend = h.Section(name="dend", cell=self)
        self.dend.connect(self.soma(1))
        self.soma.L = self.soma.diam = 30
        self.dend.L, self.dend.diam, self.dend.nseg = length, 3, 11
        for section in (self.soma, self.dend):
            section.insert("pas")
            section.g_pas, section.e_pas = 1e-4, -65


def as_motoneuron(spec, neuron):
    return Motoneuron(Cell(400).soma, recruitment_threshold=0.5, initial_voltage__mV=-65.0)


def as_section(spec, neuron):
    return Cell(400).soma


def as_template(spec, neuron):
    return h.Ball()


def as_python_cell(spec, neuron):
    return Cell(400)


def without_arguments():
    return Cell(400)


def with_option(spec, neuron, length=100.0):
    return Cell(length)


def as_rows(spec, neuron):
    return h.Rows()


def as_alone(spec, neuron):
    return h.Alone()


def whole_pool(spec):
    return [Cell(400 * (1 + i)) for i in range(spec.n_neurons)]


def whole_pool_of_motoneurons(spec):
    cells = [h.Ball() for _ in spec.thresholds]
    return [Motoneuron(c.soma, recruitment_threshold=t) for c, t in zip(cells, spec.thresholds, strict=True)]


def whole_pool_yielded(spec):
    yield from whole_pool(spec)


def none(spec, neuron):
    Cell(400)


def raises(spec, neuron):
    raise RuntimeError("no such cell")


def needy(spec, neuron, length):
    return Cell(length)


def needy_keyword(spec, neuron, *, length):
    return Cell(length)


def text(spec, neuron):
    return "soma"


def nameless(spec, neuron):
    return h.Nameless()


def too_few(spec):
    return whole_pool(spec)[:-1]


def too_many(spec):
    return [*whole_pool(spec), Cell(1)]


def without_soma(spec, neuron):
    return h.Vector(3)


TRUTH = 42  # no factory
