"""One rebuild at a time, in the background, and what any page may know of it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from assistant.review import Review, rebuild_and_review
from corpus import ReadoutError
from index import BuildReport, Cancelled, Home, Progress
from ui.memory import give_back


@dataclass(frozen=True, slots=True)
class Idle:
    """No rebuild was asked for since the server began."""


@dataclass(frozen=True, slots=True)
class Running:
    """A rebuild is at work, and this far."""

    progress: Progress


@dataclass(frozen=True, slots=True)
class Asking:
    """A new index is ready, and somebody must say whether to switch to it."""

    review: Review


@dataclass(frozen=True, slots=True)
class Finished:
    """The last rebuild ended well."""

    report: BuildReport
    review: Review


@dataclass(frozen=True, slots=True)
class Stopped:
    """The last rebuild was cancelled; the index is what it was."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The last rebuild ended with an error; the index is what it was."""

    message: str


State = Idle | Running | Asking | Finished | Stopped | Failed

# Seconds between two looks for an answer to whether to switch.
_PAUSE = 0.1


class Rebuilding:
    """Rebuilds a home in a thread of its own; safe to share between threads.

    Attributes:
        runs: How many rebuilds were started; tells one from the next.
        state: Where the last one stands.
    """

    def __init__(
        self,
        home: Home,
        on_built: Callable[[], object] = lambda: None,
        *,
        ask_first: bool = False,
        encoder: str | None = None,
    ) -> None:
        """Takes the home to rebuild.

        Args:
            home: Where.
            on_built: What to do after each build, before it counts as done. A build that is done
                stays done if this fails; who is called tells its own trouble.
            ask_first: Whether to wait for `approve` or `cancel` where golden questions get
                another first citation, or none can be asked.
            encoder: The model to build with; else the home's own.
        """
        self.runs = 0
        self.state: State = Idle()
        self._home = home
        self._on_built = on_built
        self._ask_first = ask_first
        self._encoder = encoder
        self._cancelled = threading.Event()
        self._approved = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> bool:
        """Starts a rebuild; returns False, and does nothing, while one is at work."""
        with self._starting:
            if isinstance(self.state, Running | Asking):
                return False
            self._cancelled.clear()
            self._approved.clear()
            self.runs += 1
            self.state = Running(Progress("look", 0, 0, 0.0))
            # A daemon: a stage that cannot be cancelled must not keep the server from ending.
            # What a build leaves unfinished never serves.
            self._thread = threading.Thread(target=self._run, name="rebuild", daemon=True)
            self._thread.start()
            return True

    def cancel(self) -> None:
        """Asks the rebuild to stop; it does so before its next step."""
        self._cancelled.set()

    def approve(self) -> None:
        """Lets the rebuild switch to the index that it asks about."""
        self._approved.set()

    def wait(self, seconds: float) -> bool:
        """Waits for the rebuild, if there is one; returns whether none is at work any more."""
        if self._thread is not None:
            self._thread.join(seconds)
        return not isinstance(self.state, Running | Asking)

    def _run(self) -> None:
        # Whatever happens, the page must not show a rebuild that is no more.
        end: State = Failed("the rebuild stopped unexpectedly; see the server's terminal")
        try:
            report, review = rebuild_and_review(
                self._home,
                self._encoder,
                on_progress=self._tell,
                is_cancelled=self._cancelled.is_set,
                decide=self._decide,
            )
        except Cancelled:
            end = Stopped()
        except ReadoutError as error:
            end = Failed(str(error))
        else:
            end = Finished(report, review)  # the switch is made, whatever comes after
            self._on_built()
        finally:
            give_back()
            self.state = end

    def _tell(self, progress: Progress) -> None:
        self.state = Running(progress)

    def _decide(self, review: Review) -> bool:
        if not self._ask_first or (review.asked and not review.changed):
            return True
        self._approved.clear()  # a yes must be to what is asked now
        self.state = Asking(review)
        while not self._approved.wait(_PAUSE):
            if self._cancelled.is_set():
                return False
        return True
