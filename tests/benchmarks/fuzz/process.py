"""The process that runs a target: ``python -m tests.benchmarks.fuzz.process`` (see `__main__`)."""

import argparse
import faulthandler
import signal
from contextlib import nullcontext
from pathlib import Path

# What libFuzzer is told the lines of: our own code, and libraries in Python that parse what others
# wrote.
_INSTRUMENTED = [
    *("corpus", "index", "assistant", "ui", "email", "zipfile", "csv", "tomllib"),
    *("striprtf", "olefile", "oxmsg", "docx", "pptx", "openpyxl", "odfdo", "markdown_it"),
]

# Bytes of memory that a target may map; a worker may map twice that.
_MEMORY = 2 << 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--inputs", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--plain", action="store_true")
    asked = parser.parse_args()
    faulthandler.enable()
    faulthandler.register(signal.SIGPROF, chain=True)  # of an input that hangs: see `campaign`
    # Nothing of what is instrumented may be imported before.
    instrumented = nullcontext()
    if not asked.plain:
        import atheris

        instrumented = atheris.instrument_imports(include=_INSTRUMENTED)
    with instrumented:
        from corpus.worker import limit_memory
        from tests.benchmarks.fuzz.campaign import Campaign, comes_to, run_guided, run_plainly
        from tests.benchmarks.fuzz.targets import TARGETS

        target = TARGETS[asked.target]
        for content in target.seeds():  # what is imported only when it is needed
            comes_to(target, content)
    limit_memory(_MEMORY)
    campaign = Campaign(target, asked.folder, asked.inputs)
    if not campaign.done:
        (run_plainly if asked.plain else run_guided)(campaign, asked.seed)


if __name__ == "__main__":
    main()
