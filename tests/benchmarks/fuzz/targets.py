"""All that is fuzzed, by name."""

from collections.abc import Mapping

from tests.benchmarks.fuzz.documents import READERS
from tests.benchmarks.fuzz.kept import FILES
from tests.benchmarks.fuzz.programs import PROGRAMS
from tests.benchmarks.fuzz.questions import QUESTIONS
from tests.benchmarks.fuzz.target import Target

TARGETS: Mapping[str, Target] = {
    target.name: target for target in (*READERS, *FILES, *QUESTIONS, *PROGRAMS)
}
