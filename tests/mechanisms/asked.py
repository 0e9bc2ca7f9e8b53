"""Some questions about mechanisms, and what they need, each in a process of its own."""

from mnvalidate.mechanisms.answer import Answer
from mnvalidate.mechanisms.answering import Task, answer_in_child
from mnvalidate.mechanisms.check import MechanismCheck
from mnvalidate.mechanisms.questions import QUESTIONS_BY_NAME
from mnvalidate.nmodl.library import build_library
from mnvalidate.run.children import Accident, run_in_children
from mnvalidate.run.context import process_context, start_server


def insert_both(library, _):
    """In a child: insert the mechanisms of a library into one section, and return what is said about it."""
    from neuron import h

    from mnvalidate.models.insertion import refuse_second_writer
    from mnvalidate.nmodl.loading import load_library

    load_library(library)
    section = h.Section(name="soma")
    for source in library.sources:
        section.insert(source.name)
        try:
            refuse_second_writer(section, source.name)
        except ValueError as error:
            return str(error)
    return ""


def said_when_inserted(*sources):
    """What is said when some mechanisms are inserted into one section."""
    start_server()
    said = []
    run_in_children(
        [build_library(sources)],
        insert_both,
        jobs=1,
        timeout__s=60.0,
        context=process_context(),
        on_end=lambda task, ending, folder: said.append(ending),
    )
    return said[0]


def ask(sources, questions_of):
    """Verdicts by mechanism and question, of the questions that ``questions_of(name)`` gives."""
    start_server()
    library = build_library(sources)
    tasks = [
        Task(source.name, question, tuple(sources), library=library)
        for source in sources
        for question in {
            need for name in questions_of(source.name) for need in (name, *QUESTIONS_BY_NAME[name].needs)
        }
    ]
    answers = {source.name: {} for source in sources}

    def keep(task, ending, _):
        assert not isinstance(ending, Accident), (task.mechanism, task.question, ending)
        answers[task.mechanism][task.question] = Answer.from_json(ending)

    run_in_children(tasks, answer_in_child, jobs=2, timeout__s=120.0, context=process_context(), on_end=keep)
    return {
        name: {
            question: MechanismCheck(name, QUESTIONS_BY_NAME[question])(answers[name])
            for question in questions_of(name)
        }
        for name in answers
    }
