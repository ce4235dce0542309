"""One learner of a class, without a browser: logs in at the hub, opens a lesson, runs it, moves sliders."""

import json
import re
import struct
import time
import uuid

import requests
import websocket

PATIENCE = 10  # seconds for a picture
SLIDERS = ("FloatSliderModel", "IntSliderModel", "FloatLogSliderModel")


class Failed(Exception):
    """What a learner wanted and did not get."""


class Learner:
    """A learner with a session at the hub.

    Attributes:
        errors: what cells raised.
        models: state of each widget in the kernel, by the id of its comm.
    """

    def __init__(self, hub, name, password):
        self.hub, self.name, self.password = hub, name, password
        self.web, self.errors, self.models = requests.Session(), [], {}

    def log_in(self):
        """Log in at the hub."""
        form = self.web.get(f"{self.hub}/hub/login").text
        answer = {
            "username": self.name,
            "password": self.password,
            "_xsrf": re.search(r'_xsrf" value="([^"]+)', form)[1],
        }
        page = self.web.post(f"{self.hub}/hub/login", data=answer)
        if "/hub/login" in page.url:
            raise Failed(f"the hub did not let {self.name} in")

    def stop(self):
        """Stop the server of one's own."""
        key = next(cookie.value for cookie in self.web.cookies if (cookie.name, cookie.path) == ("_xsrf", "/hub/"))
        address = f"{self.hub}/hub/api/users/{self.name}/server"
        headers = {"X-XSRFToken": key, "Referer": f"{self.hub}/hub/home"}
        while self.web.delete(address, headers=headers).status_code != 204:  # 202: not yet
            time.sleep(0.2)

    def start(self, seconds=180):
        """Start the server of one's own and wait for it."""
        self.web.get(f"{self.hub}/hub/spawn/{self.name}")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            page = self.web.get(f"{self.hub}/user/{self.name}/lab")  # by way of the hub, which asks who is there
            if page.ok and page.url.startswith(f"{self.hub}/user/"):
                return
            time.sleep(0.5)
        raise Failed(f"no server for {self.name} within {seconds} s: {page.status_code} {page.url}")

    def ask(self, method, path, **options):
        """Ask one's own server; return the response."""
        cookies = {cookie.path: cookie.value for cookie in self.web.cookies if cookie.name == "_xsrf"}
        headers = {"X-XSRFToken": cookies.get(f"/user/{self.name}/", "")}
        return self.web.request(method, f"{self.hub}/user/{self.name}/{path}", headers=headers, timeout=60, **options)

    def open(self, lesson):
        """Open a lesson, by its path, and start its kernel; return the sources of its code cells."""
        cells = self.ask("GET", f"api/contents/{lesson}").json()["content"]["cells"]
        kernel = {"path": lesson, "name": lesson, "type": "notebook", "kernel": {"name": "python3"}}
        reply = self.ask("POST", "api/sessions", json=kernel)
        if not reply.ok:
            raise Failed(f"no kernel for {self.name}: {reply.status_code} {reply.text[:200]}")
        path = f"user/{self.name}/api/kernels/{reply.json()['kernel']['id']}/channels"
        cookies = "; ".join(
            f"{cookie.name}={cookie.value}" for cookie in self.web.cookies if path.startswith(cookie.path[1:])
        )
        self.socket = websocket.create_connection(f"ws{self.hub[4:]}/{path}", cookie=cookies, timeout=60)
        return [cell["source"] for cell in cells if cell["cell_type"] == "code"]

    def run(self, code, seconds=300):
        """Run a cell to its end; return the text that it printed or showed."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        sent, text = self.send("execute_request", content), ""
        for kind, content, parent in self.messages(seconds):
            if parent != sent:
                continue
            if kind == "error":
                self.errors.append(f"{content['ename']}: {content['evalue']}")
            text += content.get("text", "") or content.get("data", {}).get("text/plain", "")
            if kind == "status" and content["execution_state"] == "idle":
                return text
        raise Failed(f"a cell of {self.name} did not end within {seconds} s")

    def panels(self):
        """List the panels: the ids of each one's sliders, and that of its picture."""
        panels = [state for state in self.models.values() if "course-panel" in state.get("_dom_classes", ())]
        parts = [[child.removeprefix("IPY_MODEL_") for child in panel["children"]] for panel in panels]
        kind = {comm: state.get("_model_name") for comm, state in self.models.items()}
        return [
            ([part for part in some if kind[part] in SLIDERS], some[-1])
            for some in parts
            if kind[some[-1]] == "ImageModel"
        ]

    def move(self, slider, picture, share):
        """Move a slider to a share of its range; return the seconds until the next picture, None if it stood there."""
        state = self.models[slider]
        low, high, step = state["min"], state["max"], state["step"]
        value = low + round(share * (high - low) / step) * step
        if state["_model_name"] == "FloatLogSliderModel":
            value = state["base"] ** value
        if abs(value - state["value"]) < 1e-9:
            return None
        state["value"] = value
        begin, heard = time.monotonic(), False
        sent = self.send(
            "comm_msg", {"comm_id": slider, "data": {"method": "update", "state": {"value": value}, "buffer_paths": []}}
        )
        for kind, content, parent in self.messages(PATIENCE):
            heard |= kind == "status" and parent == sent
            if (
                heard
                and kind == "comm_msg"
                and content["comm_id"] == picture
                and ["value"] in content["data"]["buffer_paths"]
            ):
                return time.monotonic() - begin
        raise Failed(f"no picture for {self.name} within {PATIENCE} s")

    def pause(self, seconds):
        """Read messages for a while, as a browser does."""
        for _ in self.messages(seconds):
            pass

    def send(self, kind, content):
        """Send a message to the kernel; return its id."""
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "username": "",
            "session": self.name,
            "version": "5.3",
            "date": "",
        }
        message = {
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "channel": "shell",
            "buffers": [],
        }
        self.socket.send(json.dumps(message))
        return header["msg_id"]

    def messages(self, seconds):
        """Yield kind, content and parent's id of each message that comes within so many seconds."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                data = self.socket.recv()
            except websocket.WebSocketTimeoutException:
                return
            if isinstance(data, bytes):  # the parts' number and offsets, then the parts: the message, and buffers
                offsets = struct.unpack_from(f"!{struct.unpack_from('!I', data)[0]}I", data, 4)
                data = data[offsets[0] : offsets[1]]
            message = json.loads(data)
            kind, content = message["header"]["msg_type"], message["content"]
            if kind in ("comm_open", "comm_msg") and "state" in content["data"]:
                self.models.setdefault(content["comm_id"], {}).update(content["data"]["state"])
            yield kind, content, message["parent_header"].get("msg_id")
