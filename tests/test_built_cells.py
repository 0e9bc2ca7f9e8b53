"""What a factory builds stays, at its own temperature, and what it returns is checked by its neuron."""

import built_cells
import pytest

from mnvalidate.models.spec import ModelSpec
from mnvalidate.run.pool import measure
from mnvalidate.run.store import Store


def measured(name, n=1, **changes):
    return measure(ModelSpec(f"built_cells:{name}", n, **changes)).records


def only(name, **changes):
    (record,) = measured(name, **changes)
    return record


def reason(record, quantity="Rin__MOhm"):
    return record.measurements[quantity].reason


@pytest.mark.parametrize(
    "name",
    [
        "local_dendrite",
        "helpers_dendrite",
        "local_object",
        "local_template",
        "helpers_probe",
        "local_pool",
    ],
)
def test_the_sections_of_a_neuron_stay_when_its_factory_returns(name):
    record = only(name)
    assert record.value("Rin__MOhm") == pytest.approx(12.32, abs=0.01), reason(record)
    assert (record.cell.sections, record.cell.segments) == (2, 102)
    assert record.cell.area__um2 == pytest.approx(124_407, rel=1e-4)
    assert record.cell.warnings == ()


def test_what_did_not_stay_is_said():
    (warning,) = only("local_synapse").cell.warnings
    assert warning.startswith("gone when the factory returned: 1 IClamp; ")


def test_a_current_of_the_models_own_is_a_warning_and_its_electrode_is_named():
    record = only("own_current")
    assert record.cell.electrodes == ("IClamp in soma(0.5)",)
    (warning,) = record.cell.warnings
    assert warning.startswith("IClamp in soma(0.5) (0.1 nA from 0 ms for 1e+09 ms)")
    idle = only("idle_electrode")
    assert (idle.cell.electrodes, idle.cell.warnings) == (("IClamp in soma(0.5)",), ())
    assert "VClamp in soma(0.5)" in only("voltage_clamp").cell.warnings[0]


def test_a_model_that_holds_its_voltage_is_refused_in_one_sentence():
    record = only("single_electrode")
    assert record.cell is None
    assert reason(record) == (
        "the model holds its voltage with an SEClamp in soma(0.5) and cannot be measured: "
        "remove the clamp in the factory"
    )


@pytest.mark.parametrize(
    ("name", "celsius", "words", "asked"),
    [
        ("hh_as_it_comes", 6.3, "6.3 degC (NEURON's default; the model sets none)", None),
        ("hh_at_6_3", 6.3, "6.3 degC (the model's own)", None),
        ("hh_at_10", 10.0, "10 degC (the model's own)", None),
        ("hh_says_10", 10.0, "10 degC (the model's own)", None),
        ("hh_at_10", 6.3, "6.3 degC (as asked for)", 6.3),
        ("hh_says_10", 6.3, "6.3 degC (as asked for)", 6.3),
    ],
)
def test_a_factory_is_measured_at_its_own_temperature(name, celsius, words, asked):
    record = only(name, celsius=asked)
    assert record.cell.temperature == words
    width = record.value("AP_half_width__ms")
    assert width == pytest.approx({6.3: 1.6, 10.0: 1.07}[celsius], rel=0.1)


def test_myogens_models_are_at_36_degrees_unless_another_is_asked_for():
    own, warm, cold = (
        measure(ModelSpec("Powers2017", 1, celsius=celsius)).records[0] for celsius in (None, 36.0, 20.0)
    )
    assert own.cell.celsius == 36.0
    assert warm.measurements == own.measurements != cold.measurements


@pytest.mark.parametrize("kind", built_cells.ODD)
def test_a_number_that_is_none_is_that_neurons_reason(kind):
    sound, odd, other = measured("odd", 3, options={"field": "recruitment_threshold", "kind": kind})
    assert sound.value("Rin__MOhm") == other.value("Rin__MOhm") > 0
    assert reason(odd).startswith("recruitment_threshold must be a finite number, got ")
    assert "\n" not in reason(odd)


@pytest.mark.parametrize("kind", built_cells.FINE)
def test_numbers_of_other_types_become_floats(kind):
    record = measured("odd", 2, options={"field": "recruitment_threshold", "kind": kind})[1]
    assert type(record.recruitment_threshold) is float
    assert record.value("Rin__MOhm") > 0


@pytest.mark.parametrize("field", ["initial_voltage__mV", "conduction_velocity__m_per_s", "celsius"])
@pytest.mark.parametrize("kind", ["text", "nan", "unit", "bool"])
def test_every_number_of_a_motoneuron_is_checked(field, kind):
    record = measured("odd", 2, options={"field": field, "kind": kind})[1]
    assert reason(record).startswith(f"{field} must be a finite number, got ")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("wrong_frame", "voltage_frame must be 'absolute' or 'relative', got 'Absolute' (str)"),
        ("text_for_soma", "soma must be a Section of NEURON's, got 'soma' (str)"),
        ("segment_for_soma", "soma must be a Section of NEURON's, got soma(0.5) (Segment)"),
        ("temporary_object", "soma must be a Section that is still there when the factory returns"),
        ("deleted_soma", "soma must be a Section that is still there when the factory returns"),
    ],
)
def test_what_is_no_motoneuron_is_told_in_words(name, words):
    assert reason(only(name)) == words


def test_a_stored_record_still_says_what_it_was_made_of(tmp_path):
    spec, store = ModelSpec("built_cells:local_dendrite", 1), Store(tmp_path)
    first, second = (measure(spec, store=store) for _ in range(2))
    assert (first.cached, second.cached) == (0, 1)
    assert second.records == first.records


def test_records_with_and_without_a_cell_come_back_from_json():
    record = only("own_current")
    assert type(record).from_json(record.to_json()) == record
    old = record.to_json()
    del old["cell"]
    assert type(record).from_json(old).cell is None
