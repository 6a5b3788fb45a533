"""Which route needs which right. What is not listed is not served, whoever asks.

A test compares the lists with every route that the app has, Gradio's own included.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from starlette.routing import compile_path

from ui.access.users import Role
from ui.routes import FILES

#: What a route needs: nothing, somebody who may ask, or somebody who may manage.
Right = Role | Literal["none"]

# Who has not logged in yet needs these, and who looks whether the server lives; browsers ask for
# the manifest, which holds the page's title, without saying who they are.
_NONE = """
GET /login
POST /login
POST /logout
GET /healthz
GET /robots.txt
GET /manifest.json
GET /favicon.ico
"""

_ASK = """
GET /
GET /config
GET /assets/{path:path}
GET /static/{path:path}
GET /theme.css
GET /gradio_api/queue/data
POST /gradio_api/queue/join
GET /gradio_api/heartbeat/{session_hash}
GET /page/you.js
GET /page/state
GET /page/problems
GET /page/source
GET /page/more
GET /page/rendered
GET /page/rendered.png
GET /page/examples
GET /page/suggestions
GET /page/facets
GET /page/titles
GET /page/title
POST /page/feedback
POST /page/conversation
GET /page/atlas/documents
GET /page/atlas/passage
GET /page/atlas/points
GET /page/atlas/question
GET /page/atlas/timeline
GET /page/library/overview
GET /page/library/documents
GET /page/library/document
GET /page/library/place
GET /page/library/changes
GET /cite
GET /cite/receipt
POST /cite/check
POST /cite/basket
GET /mcp
POST /mcp
DELETE /mcp
GET /api/ask
POST /api/ask
POST /api/write
POST /page/write
GET /api/search
GET /api/source
GET /api/documents
GET /api/documents/{id:path}
GET /api/feedback
POST /api/feedback
GET /api/rebuild
GET /api/rebuild/events
GET /docs
GET /openapi.json
GET /readyz
GET /metrics
"""

# The last is what the API has no route for; it tells so to those who may do everything.
_MANAGE = """
POST /page/rebuild
POST /page/approve
POST /page/cancel
POST /page/golden
POST /page/library/upload
POST /page/library/add
POST /page/library/correct
POST /page/library/remove
POST /page/library/rollback
GET /page/library/golden
POST /page/library/golden/ask
POST /page/library/golden/remove
POST /page/library/golden/stop
POST /api/rebuild
DELETE /api/rebuild
POST /api/rebuild/approve
* /api
* /api/{rest:path}
* /docs
* /openapi.json
* /healthz
* /readyz
* /metrics
* /mcp
"""

#: Gradio's routes that the page has no use for: they read files, fetch addresses, or say things
#: that nobody needs to know.
CLOSED = frozenset(
    """
GET /config/
GET /svelte/{path:path}
GET /pwa_icon
GET /pwa_icon/{size}
GET /monitoring
GET /monitoring/summary
GET /monitoring/{key}
GET /logout
POST /login/
GET /gradio_api/theme.css
GET /gradio_api/app_id
GET /gradio_api/app_id/
GET /gradio_api/user
GET /gradio_api/user/
GET /gradio_api/token
GET /gradio_api/token/
GET /gradio_api/login_check
GET /gradio_api/login_check/
GET /gradio_api/info
GET /gradio_api/info/
GET /gradio_api/openapi.json
GET /gradio_api/runs
GET /gradio_api/runs/
GET /gradio_api/queue/status
GET /gradio_api/startup-events
GET /gradio_api/dev/reload
GET /gradio_api/deep_link
GET /gradio_api/upload_progress
POST /gradio_api/upload
POST /gradio_api/cancel
POST /gradio_api/reset
POST /gradio_api/reset/
POST /gradio_api/process_recording
POST /gradio_api/component_server
POST /gradio_api/component_server/
POST /gradio_api/run/{api_name}
POST /gradio_api/run/{api_name}/
POST /gradio_api/api/{api_name}
POST /gradio_api/api/{api_name}/
POST /gradio_api/call/{api_name}
POST /gradio_api/call/{api_name}/
GET /gradio_api/call/{api_name}/{event_id}
POST /gradio_api/call/v2/{api_name}
POST /gradio_api/call/v2/{api_name}/
GET /gradio_api/call/v2/{api_name}/{event_id}
GET /gradio_api/custom_component/{id}/{environment}/{type}/{file_name}
GET /gradio_api/file/{path:path}
GET /gradio_api/file={path_or_url:path}
GET /gradio_api/proxy={url_path:path}
POST /gradio_api/stream/{event_id}
POST /gradio_api/stream/{event_id}/close
GET /gradio_api/stream/{session_hash}/{run}/{component_id}/playlist-file
GET /gradio_api/stream/{session_hash}/{run}/{component_id}/playlist.m3u8
GET /gradio_api/stream/{session_hash}/{run}/{component_id}/{segment_id}.{ext}
GET /gradio_api/vibe-code
GET /gradio_api/vibe-code/
POST /gradio_api/vibe-code
POST /gradio_api/vibe-code/
POST /gradio_api/vibe-edit
POST /gradio_api/vibe-edit/
POST /gradio_api/undo-vibe-edit
POST /gradio_api/undo-vibe-edit/
POST /gradio_api/vibe-starter-queries
POST /gradio_api/vibe-starter-queries/
""".strip().splitlines()
)


def _rights() -> Iterator[tuple[str, Right]]:
    for name in FILES:
        yield f"GET /page/{name}", "none"
    listed: Mapping[Right, str] = {"none": _NONE, "ask": _ASK, "manage": _MANAGE}
    for right, lines in listed.items():
        for line in lines.split("\n")[1:-1]:
            yield line, right


#: The right that each route needs, by method and path as the app declares them.
RIGHTS: Mapping[str, Right] = dict(_rights())

_EXACT = {route: right for route, right in RIGHTS.items() if "{" not in route}
_PATTERNS = [
    (route.partition(" ")[0], compile_path(route.partition(" ")[2])[0], right)
    for route, right in RIGHTS.items()
    if "{" in route
]


def right_to(method: str, path: str) -> Right | None:
    """Returns the right that a request needs, or None if nobody has it."""
    method = "GET" if method == "HEAD" else method
    for key in (f"{method} {path}", f"* {path}"):
        if key in _EXACT:
            return _EXACT[key]
    for wanted, pattern, right in _PATTERNS:
        if wanted in (method, "*") and pattern.match(path):
            return right
    return None


# What open pages ask for by themselves, again and again, whether or not somebody looks at them.
_POLLED = {"GET /page/state", "GET /gradio_api/queue/data", "GET /page/atlas/points"}
_BEATING = "GET /gradio_api/heartbeat/"


def is_polled(method: str, path: str) -> bool:
    """Returns whether a request tells nothing of a person being there."""
    request = f"{method} {path}"
    return request in _POLLED or request.startswith(_BEATING)


#: As what something is counted: a question, what helps around questions, or files that come.
Counted = Literal["question", "request", "upload"]

# What takes the engines' time, and so is counted. The page's own questions `ui.page` counts: they
# come by the same way as its loading.
_ASKING = {
    *("GET /page/atlas/question", "POST /page/write", "POST /api/write"),
    *("GET /api/ask", "POST /api/ask", "GET /api/search", "POST /mcp"),
}
# What takes a little time each.
_HELPING = {
    *("POST /gradio_api/queue/join", "GET /page/suggestions", "GET /page/atlas/points"),
    *("GET /page/library/overview", "GET /page/rendered.png", "POST /cite/check"),
    *("POST /cite/basket", "GET /readyz"),
}
_UPLOADING = {"POST /page/library/upload"}


def counted_as(method: str, path: str) -> Counted | None:
    """Returns as what a request is counted, or None if it is not."""
    request = f"{method} {path}"
    if request in _ASKING:
        return "question"
    if request in _HELPING:
        return "request"
    return "upload" if request in _UPLOADING else None
