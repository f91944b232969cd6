package io.relaunchguard.platform.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.ptr.IntByReference;
import io.relaunchguard.core.Observation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;

/** Finds the process that listens on a Unix domain socket: the one that called listen(2), by SO_PEERCRED of unix(7). */
final class Listener {

    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PEERCRED = 17;
    private static final int O_PATH = 0x200000;
    private static final int O_CLOEXEC = 0x80000;
    private static final int SIZE_OF_SUN_PATH = 108;
    private static final int SIZE_OF_UCRED = 3 * Integer.BYTES;

    private Listener() {}

    /** Connects to the socket, reads the PID of the listening process and disconnects. */
    static Observation<Long> on(Path socket) {
        int directory = -1;
        int descriptor = -1;
        try {
            byte[] parent = Objects.requireNonNull(socket.getParent())
                    .toString()
                    .concat("\0")
                    .getBytes(StandardCharsets.UTF_8);
            directory = Calls.INSTANCE.open(parent, O_PATH | O_CLOEXEC);
            descriptor = Calls.INSTANCE.socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
            // The path goes through the descriptor, because the kernel accepts at most 107 bytes.
            byte[] address = address("/proc/self/fd/%d/%s".formatted(directory, socket.getFileName()));
            Calls.INSTANCE.connect(descriptor, address, address.length);
            ByteBuffer credentials = ByteBuffer.allocate(SIZE_OF_UCRED).order(ByteOrder.nativeOrder());
            IntByReference size = new IntByReference(SIZE_OF_UCRED);
            Calls.INSTANCE.getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, credentials.array(), size);
            return pid(size.getValue(), credentials.getInt(0));
        } catch (LastErrorException e) {
            return Observation.unknown("the PID of the process that listens on %s cannot be read: error %d"
                    .formatted(socket, e.getErrorCode()));
        } finally {
            close(descriptor);
            close(directory);
        }
    }

    /**
     * Returns the PID. The number of SO_PEERCRED is another one on PowerPC, MIPS and SPARC, where this one means an
     * option with a shorter value.
     */
    static Observation<Long> pid(int size, int pid) {
        if (size != SIZE_OF_UCRED) {
            return Observation.unknown("on this processor the PID of a listening process cannot be read");
        }
        return pid > 0
                ? Observation.seen((long) pid)
                : Observation.unknown("the listening instance is in another PID namespace");
    }

    private static byte[] address(String path) {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        ByteBuffer address = ByteBuffer.allocate(Short.BYTES + SIZE_OF_SUN_PATH).order(ByteOrder.nativeOrder());
        return address.putShort((short) AF_UNIX).put(bytes).array();
    }

    private static void close(int descriptor) {
        if (descriptor >= 0) {
            LibC.get().close(descriptor);
        }
    }

    /** The system calls. Each failure is a {@link LastErrorException}. */
    private interface Calls extends Library {

        Calls INSTANCE = Native.load("c", Calls.class);

        int open(byte[] path, int flags) throws LastErrorException;

        int socket(int domain, int type, int protocol) throws LastErrorException;

        int connect(int descriptor, byte[] address, int length) throws LastErrorException;

        int getsockopt(int descriptor, int level, int option, byte[] value, IntByReference length)
                throws LastErrorException;
    }
}
