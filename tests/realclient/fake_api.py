"""A Messages API on the loopback interface that follows a script instead of a model."""
import json, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE = {"input_tokens": 10, "output_tokens": 5, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}

#: How the task begins that the model gives to a subagent.
SUBAGENT = "Scripted subagent:"


class FakeApi(ThreadingHTTPServer):
    """Has the model make its calls one after the other, and say "Done." then. With `subagent`, a subagent makes them."""
    daemon_threads = True

    def __init__(self, calls, before=lambda number, results: None, subagent=False):
        super().__init__(("127.0.0.1", 0), Handler)
        named = lambda name, tool, value: {"type": "tool_use", "id": f"toolu_{name}", "name": tool, "input": value}
        self.calls = [named(f"scripted{number}", *call) for number, call in enumerate(calls)]
        task = {"description": "x", "prompt": f"{SUBAGENT} do it.", "subagent_type": "general-purpose", "run_in_background": False}
        self.delegated = [named("delegated", "Agent", task)] if subagent else None
        self.results, self.told = {}, ""
        #: What happens on the machine while the model thinks about a call; what it gives is the call's input then.
        self.before, self.prepared, self.lock = before, set(), threading.Lock()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, body):
        """The blocks to answer with; what the client reports of our calls is kept."""
        messages = body.get("messages") or []
        if not body.get("tools"):    # a title, a summary
            return [{"type": "text", "text": "ok"}]
        calls, inside = self.calls, True
        if self.delegated:
            inside = SUBAGENT in json.dumps(messages[:1])
            calls = self.calls if inside else self.delegated
        blocks = [b for m in messages if isinstance(m["content"], list) for b in m["content"] if isinstance(b, dict)]
        made = {b.get("id") for b in blocks if b.get("type") == "tool_use"}
        if inside:
            numbers = {call["id"]: number for number, call in enumerate(calls)}
            self.results |= {numbers[b["tool_use_id"]]: b for b in blocks if b.get("type") == "tool_result" and b.get("tool_use_id") in numbers}
            self.told = json.dumps(messages)
        for number, call in enumerate(calls):
            if call["id"] not in made:
                with self.lock:
                    if inside and number not in self.prepared:
                        self.prepared.add(number)
                        call["input"] = self.before(number, self.results) or call["input"]
                return [call]
        return [{"type": "text", "text": "Done."}]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, code, kind, data):
        self.send_response(code)
        for name, value in {"content-type": kind, "content-length": len(data), "request-id": "req_scripted"}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(data)

    def json(self, code, value):
        self.reply(code, "application/json", json.dumps(value).encode())

    def do_HEAD(self):
        self.reply(200, "text/plain", b"")

    def do_GET(self):
        self.json(404, {"type": "error", "error": {"type": "not_found_error", "message": "not scripted"}})

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.split("?")[0]
        if path.endswith("/count_tokens"):
            return self.json(200, {"input_tokens": 10})
        if not path.endswith("/v1/messages"):
            return self.do_GET()
        body = json.loads(raw)
        blocks = self.server.answer(body)
        stop = "tool_use" if blocks[0]["type"] == "tool_use" else "end_turn"
        message = {"id": "msg_scripted", "type": "message", "role": "assistant", "model": body.get("model"), "stop_sequence": None}
        if not body.get("stream"):
            return self.json(200, {**message, "content": blocks, "stop_reason": stop, "usage": USAGE})
        events = [{"type": "message_start", "message": {**message, "content": [], "stop_reason": None, "usage": USAGE}}]
        for index, block in enumerate(blocks):
            if block["type"] == "text":
                start, delta = {**block, "text": ""}, {"type": "text_delta", "text": block["text"]}
            else:
                start, delta = {**block, "input": {}}, {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
            events += [{"type": "content_block_start", "index": index, "content_block": start},
                       {"type": "content_block_delta", "index": index, "delta": delta},
                       {"type": "content_block_stop", "index": index}]
        events += [{"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": {"output_tokens": 5}},
                   {"type": "message_stop"}]
        self.reply(200, "text/event-stream", "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events).encode())
