"""A language model behind an OpenAI-compatible API: ``POST …/chat/completions``, streamed.

What comes back is believed in nothing. It must be an event stream of JSON, in time and within
limits; whatever else it is becomes one line. The key goes into one header and nowhere else.
"""

import json
import time
from collections.abc import Generator, Iterator
from typing import Any

import httpx

from assistant.errors import WriterFailed
from assistant.synthesis import Prompt
from corpus import without_surrogates
from ui.settings import Settings

# Seconds until a connection stands, and until a text is written as a whole.
_CONNECT, _WHOLE = 10.0, 300.0

# Bytes of an answer, and of one of its lines: a word of the text comes in some 300.
_MOST, _LINE = 4 << 20, 64 << 10

# Bytes of an error that are read, and characters that are told.
_ERROR, _TOLD = 16 << 10, 200


class ChatModel:
    """Writes by asking the model; safe to share between threads.

    Attributes:
        model: Its name.
    """

    def __init__(
        self,
        url: str,
        model: str,
        key: str | None = None,
        *,
        silence: float = 60.0,
        whole: float = _WHOLE,
    ) -> None:
        """Takes where the model is.

        Args:
            url: The address of the API, as ``http://localhost:11434/v1``.
            model: The name of the model.
            key: What the API wants to see, if it wants anything.
            silence: Seconds without a byte after which it is given up.
            whole: Seconds that a text may take.
        """
        self.model = model
        self._url = httpx.URL(f"{url.rstrip('/')}/chat/completions")
        self._key, self._silence, self._whole = key, silence, whole

    @property
    def host(self) -> str:
        """The host that what it is told goes to, with its port if that is an unusual one."""
        return self._url.netloc.decode("ascii")

    def write(self, prompt: Prompt) -> Generator[str]:
        """Yields the text as it comes; see `assistant.synthesis.Writer`."""
        ends = time.monotonic() + self._whole
        timeout = httpx.Timeout(self._silence, connect=min(_CONNECT, self._silence))
        try:
            with (
                httpx.Client(timeout=timeout, follow_redirects=False) as client,
                client.stream(
                    "POST", self._url, headers=self._headers(), json=self._body(prompt)
                ) as response,
            ):
                self._check(response)
                yield from self._pieces(response, ends)
        except httpx.TimeoutException as error:
            raise self._failed(f"was silent for {self._silence:g} s") from error
        except httpx.ConnectError as error:
            raise self._failed("cannot be reached; is it running, and llm_url right?") from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise self._failed("broke off the connection") from error
        except (httpx.InvalidURL, ValueError) as error:
            raise self._failed("cannot be asked; are llm_url and llm_key right?") from error

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity"}
        return headers | ({"Authorization": f"Bearer {self._key}"} if self._key else {})

    def _body(self, prompt: Prompt) -> dict[str, Any]:
        messages = [
            {"role": "system", "content": prompt.rules},
            {"role": "user", "content": prompt.request},
        ]
        # Neither a temperature nor a limit: some models of this protocol refuse either.
        return {"model": self.model, "stream": True, "messages": messages}

    def _check(self, response: httpx.Response) -> None:
        status = response.status_code
        if 300 <= status < 400:
            raise self._failed(f"redirects elsewhere (status {status}), which is not followed")
        if status != httpx.codes.OK:
            said = self._error_of(response)
            raise self._failed(f"answered with status {status}{f': {said}' if said else ''}")
        kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind != "text/event-stream" or "content-encoding" in response.headers:
            shown = repr(kind[:60]) if kind else "nothing that says what it is"
            raise self._failed(f"sent {shown} rather than an event stream")

    def _error_of(self, response: httpx.Response) -> str:
        """Returns what an API says of an error of its own, on one line; it may repeat the key."""
        body = b""
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > _ERROR:
                return ""
        try:
            return self._line(json.loads(body)["error"]["message"])
        except (ValueError, TypeError, KeyError):
            return ""

    def _pieces(self, response: httpx.Response, ends: float) -> Iterator[str]:
        for line in self._lines(response, ends):
            if not line.startswith(b"data:"):
                if line and not line.startswith((b":", b"event:", b"id:", b"retry:")):
                    raise self._failed("sent what is no event stream")
                continue
            data = line[len(b"data:") :].strip()
            if data == b"[DONE]":
                return
            piece, finished = self._piece(data)
            if piece:
                yield piece
            if finished == "stop":
                return
            if finished is not None:
                raise self._failed(f"stopped before the end ({self._line(finished)})")
        raise self._failed("broke off before the end")

    def _piece(self, data: bytes) -> tuple[str, object]:
        """Returns the text of an event, and why the text ends with it; None if it does not."""
        try:
            event = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise self._failed("sent what is not JSON") from error
        match event:
            case {"error": {"message": str(said)}}:
                raise self._failed(f"failed: {self._line(said)}")
            case {"choices": []}:  # figures on what was used
                return "", None
            case {"choices": [{"delta": {"content": str(text)}, **choice}, *_]}:
                return text, choice.get("finish_reason")
            case {"choices": [{"delta": dict(), **choice}, *_]}:
                return "", choice.get("finish_reason")
        raise self._failed("sent JSON that is no piece of a text")

    def _lines(self, response: httpx.Response, ends: float) -> Iterator[bytes]:
        size, rest = 0, b""
        for chunk in response.iter_raw():
            if time.monotonic() > ends:
                raise self._failed(f"took more than {self._whole:g} s; it was stopped")
            size += len(chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            if size > _MOST or len(rest) > _LINE:
                raise self._failed("sent more than an answer can have; it was stopped")
            yield from (line.rstrip(b"\r") for line in lines)
        yield rest

    def _failed(self, what: str) -> WriterFailed:
        return WriterFailed(f"the language model at {self.host} {what}")

    def _line(self, said: object) -> str:
        """Returns what the API said on one line, never the key."""
        text = " ".join(without_surrogates(str(said)[: 10 * _TOLD]).split())
        return (text.replace(self._key, "…") if self._key else text)[:_TOLD]


def chat_model(settings: Settings) -> ChatModel | None:
    """Returns the model that the settings name; None if they name none."""
    if settings.llm_url is None or settings.llm_model is None:
        return None
    return ChatModel(
        settings.llm_url, settings.llm_model, settings.llm_key, silence=settings.llm_timeout
    )
