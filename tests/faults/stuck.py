"""A file system that never answers: stuck.py unread|read DIRECTORY, as root.

Mounts FUSE there and answers its greeting, no request more; says so, and waits for the end of its stdin. `unread`: requests
wait in the queue, as where the daemon is stopped; the kernel lets a waiting process be killed. `read`: each is taken and
never answered, as where a server is gone; the kernel lets nothing end that process but the end of this one.
"""

import ctypes
import os
import struct
import sys
import threading

INIT, MNT_DETACH = 26, 2
kind, directory = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)
device = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other"
if libc.mount(b"stuck", directory.encode(), b"fuse", 0, options.encode()):
    sys.exit(f"can't be mounted: {os.strerror(ctypes.get_errno())}")


def header(request):
    _, opcode, unique = struct.unpack_from("<IIQ", request)
    return opcode, unique


opcode, unique = header(os.read(device, 1 << 20))
if opcode != INIT:
    sys.exit(f"no greeting, but {opcode}")
body = struct.pack("<IIIIHHI", 7, 31, 1 << 16, 0, 12, 9, 4096) + bytes(40)
os.write(device, struct.pack("<IiQ", 16 + len(body), 0, unique) + body)


def swallow():
    while True:
        os.read(device, 1 << 20)


if kind == "read":
    threading.Thread(target=swallow, daemon=True).start()
print("stuck", flush=True)
sys.stdin.read()
libc.umount2(directory.encode(), MNT_DETACH)
# The device is closed with this process, and whoever waited gets an error.
os._exit(0)
