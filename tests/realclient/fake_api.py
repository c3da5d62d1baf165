"""A Messages API on the loopback interface that follows a script instead of a model."""
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE = {"input_tokens": 10, "output_tokens": 5, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}


class FakeApi(ThreadingHTTPServer):
    """Answers the first request of the conversation with one tool call, and later ones with "Done."."""
    daemon_threads = True

    def __init__(self, tool, tool_input, before=lambda: None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.call = {"type": "tool_use", "id": "toolu_scripted", "name": tool, "input": tool_input}
        self.results, self.told = [], ""
        #: What happens on the machine while the model thinks about its call.
        self.before = before

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, body):
        """The blocks to answer with; what the client reports of our call is kept."""
        messages = body.get("messages") or []
        blocks = [b for m in messages if isinstance(m["content"], list) for b in m["content"] if isinstance(b, dict)]
        results = [b for b in blocks if b.get("type") == "tool_result" and b.get("tool_use_id") == self.call["id"]]
        if not body.get("tools"):    # a title, a summary
            return [{"type": "text", "text": "ok"}]
        if not any(b.get("type") == "tool_use" and b.get("id") == self.call["id"] for b in blocks):
            self.before()
            return [self.call]
        self.results, self.told = results, json.dumps(messages)
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
