"""An MCP server on stdio whose tools do nothing but leave a line in the file that its first argument names."""
import json, sys

TOOLS = [{"name": name, "description": name, "inputSchema": {"type": "object", "properties": {}}}
         for name in ("execute_sql", "drop_table", "list_things")]


def result(method, params):
    if method == "initialize":
        return {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}},
                "serverInfo": {"name": "probe", "version": "0"}}
    if method == "tools/list":
        return {"tools": TOOLS}
    if method == "tools/call":
        with open(sys.argv[1], "a") as log:
            log.write(json.dumps(params) + "\n")
        return {"content": [{"type": "text", "text": "called"}]}
    return {} if method == "ping" else None


for line in sys.stdin:
    request = json.loads(line)
    if (number := request.get("id")) is None:
        continue
    done = result(request["method"], request.get("params"))
    outcome = {"error": {"code": -32601, "message": "no such method"}} if done is None else {"result": done}
    print(json.dumps({"jsonrpc": "2.0", "id": number, **outcome}), flush=True)
