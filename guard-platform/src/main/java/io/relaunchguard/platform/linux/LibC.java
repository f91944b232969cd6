package io.relaunchguard.platform.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Structure;
import com.sun.jna.platform.unix.LibCAPI;
import com.sun.jna.ptr.IntByReference;
import io.relaunchguard.core.FaultText;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The system calls that the JDK does not offer. Every failure is a {@link LastErrorException} with its errno. */
interface LibC extends LibCAPI, Library {

    /** pidfd_open(2); the same number on every architecture that Java runs on. */
    long SYS_PIDFD_OPEN = 434;

    /** pidfd_send_signal(2). */
    long SYS_PIDFD_SEND_SIGNAL = 424;

    /** clock_gettime(2): monotonic, counts while the machine sleeps, is not moved by wall-clock steps. */
    int CLOCK_BOOTTIME = 7;

    /** sysconf(3), from {@code bits/confname.h}. */
    int SC_CLK_TCK = 2;

    /** poll(2). */
    short POLLIN = 1;

    int SIZE_OF_POLLFD = Integer.BYTES + 2 * Short.BYTES;

    /** eventfd(2): EFD_CLOEXEC. */
    int EFD_CLOEXEC = 0x80000;

    /** open(2): O_RDONLY and O_CLOEXEC. */
    int OPEN_FOR_READING = 0x80000;

    /** More than {@code struct statfs} has on any processor. */
    int MORE_THAN_STATFS = 512;

    /** waitpid(2). */
    int WNOHANG = 1;

    int ESRCH = 3;
    int EINTR = 4;
    int EWOULDBLOCK = 11;

    /** Every argument is a {@code long} of C, see syscall(2). */
    NativeLong syscall(NativeLong number, NativeLong... arguments) throws LastErrorException;

    int poll(ByteBuffer descriptors, NativeLong count, int timeoutMillis) throws LastErrorException;

    int clock_gettime(int clock, TimeSpec time) throws LastErrorException;

    NativeLong sysconf(int name) throws LastErrorException;

    int eventfd(int initial, int flags) throws LastErrorException;

    NativeLong write(int descriptor, byte[] content, NativeLong count) throws LastErrorException;

    /** The path ends with a zero. */
    int open(byte[] path, int flags) throws LastErrorException;

    /** The path ends with a zero. {@code struct statfs} begins with the type, as the machine's word. */
    int statfs(byte[] path, byte[] result) throws LastErrorException;

    int flock(int descriptor, int operation) throws LastErrorException;

    /** waitpid(2), without waiting: zero while the child runs. */
    int waitpid(int pid, IntByReference status, int options) throws LastErrorException;

    String strerror(int errno);

    /**
     * An array of {@code struct pollfd} of poll(2), each an int and two shorts, that awaits POLLIN of these. Not a {@link
     * Structure}: its reflection would stand between the end of a process and those who wait for it.
     */
    static ByteBuffer pollfds(int... descriptors) {
        ByteBuffer array =
                ByteBuffer.allocateDirect(SIZE_OF_POLLFD * descriptors.length).order(ByteOrder.nativeOrder());
        for (int descriptor : descriptors) {
            array.putInt(descriptor).putShort(POLLIN).putShort((short) 0);
        }
        return array.flip();
    }

    /** What poll(2) has said of one of them. */
    static short revents(ByteBuffer pollfds, int index) {
        return pollfds.getShort(SIZE_OF_POLLFD * index + Integer.BYTES + Short.BYTES);
    }

    /** Why there is no library, and what helps: it is unpacked before it is loaded, and programs may not run from everywhere. */
    static String missing(LinkageError e) {
        return "the native library cannot be loaded (%s); if programs may not run from where it is unpacked, name another directory with -Djna.tmpdir=DIR"
                .formatted(FaultText.of(e));
    }

    /**
     * Loads the library on first use.
     *
     * @throws LinkageError if it cannot be loaded: the first one each time, because later ones do not tell the cause
     */
    static LibC get() {
        if (Holder.FAILURE != null) {
            throw Holder.FAILURE;
        }
        return Objects.requireNonNull(Holder.INSTANCE);
    }

    /** Loading on first use: a launch without a lock never gets here. */
    final class Holder {

        static final @Nullable LibC INSTANCE;
        static final @Nullable LinkageError FAILURE;

        static {
            LibC loaded = null;
            LinkageError failure = null;
            try {
                loaded = Native.load("c", LibC.class);
            } catch (LinkageError e) {
                failure = e;
            }
            INSTANCE = loaded;
            FAILURE = failure;
        }

        private Holder() {}
    }

    /** {@code struct timespec} of clock_gettime(2). */
    @Structure.FieldOrder({"seconds", "nanoseconds"})
    class TimeSpec extends Structure {
        public NativeLong seconds = new NativeLong();
        public NativeLong nanoseconds = new NativeLong();
    }
}
