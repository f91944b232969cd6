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

    /** pidfd_send_signal(2); the same number on every architecture that Java runs on. */
    long SYS_PIDFD_SEND_SIGNAL = 424;

    /** clock_gettime(2): monotonic, advances while the machine sleeps, unaffected by changes of the wall clock. */
    int CLOCK_BOOTTIME = 7;

    /** sysconf(3): the clock ticks per second, from {@code bits/confname.h}. */
    int SC_CLK_TCK = 2;

    /** poll(2): data can be read. */
    short POLLIN = 1;

    int SIZE_OF_POLLFD = Integer.BYTES + 2 * Short.BYTES;

    /** eventfd(2): EFD_CLOEXEC. */
    int EFD_CLOEXEC = 0x80000;

    /** open(2): O_RDONLY and O_CLOEXEC. */
    int OPEN_FOR_READING = 0x80000;

    /** A size in bytes larger than {@code struct statfs} on any processor. */
    int MORE_THAN_STATFS = 512;

    /** waitpid(2): do not wait. */
    int WNOHANG = 1;

    int ESRCH = 3;
    int EINTR = 4;
    int EWOULDBLOCK = 11;

    /** Makes a system call; every argument is a C {@code long}, see syscall(2). */
    NativeLong syscall(NativeLong number, NativeLong... arguments) throws LastErrorException;

    int poll(ByteBuffer descriptors, NativeLong count, int timeoutMillis) throws LastErrorException;

    int clock_gettime(int clock, TimeSpec time) throws LastErrorException;

    NativeLong sysconf(int name) throws LastErrorException;

    int eventfd(int initial, int flags) throws LastErrorException;

    NativeLong write(int descriptor, byte[] content, NativeLong count) throws LastErrorException;

    /** Opens a file, see open(2); the path is null-terminated. */
    int open(byte[] path, int flags) throws LastErrorException;

    /**
     * Reads the file system's data, see statfs(2); the path is null-terminated. {@code struct statfs} begins with the
     * type as a machine word.
     */
    int statfs(byte[] path, byte[] result) throws LastErrorException;

    int flock(int descriptor, int operation) throws LastErrorException;

    /** Reaps a child, see waitpid(2); with {@link #WNOHANG} it returns zero while the child runs. */
    int waitpid(int pid, IntByReference status, int options) throws LastErrorException;

    String strerror(int errno);

    /**
     * Returns an array of {@code struct pollfd} of poll(2), each an int and two shorts, that waits for POLLIN on these
     * descriptors. It is no {@link Structure}, because the reflection of that class would delay those who wait for the
     * end of a process.
     */
    static ByteBuffer pollfds(int... descriptors) {
        ByteBuffer array =
                ByteBuffer.allocateDirect(SIZE_OF_POLLFD * descriptors.length).order(ByteOrder.nativeOrder());
        for (int descriptor : descriptors) {
            array.putInt(descriptor).putShort(POLLIN).putShort((short) 0);
        }
        return array.flip();
    }

    /** Returns the events that poll(2) reported for one of the descriptors. */
    static short revents(ByteBuffer pollfds, int index) {
        return pollfds.getShort(SIZE_OF_POLLFD * index + Integer.BYTES + Short.BYTES);
    }

    /**
     * Returns why the native library is missing, and what helps: it is unpacked before it is loaded, and some
     * directories do not permit executing files.
     */
    static String missing(LinkageError e) {
        return "the native library cannot be loaded (%s); if programs may not run from where it is unpacked, name another directory with -Djna.tmpdir=DIR"
                .formatted(FaultText.of(e));
    }

    /**
     * Returns the library, loading it on first use.
     *
     * @throws LinkageError if it cannot be loaded; always the first error, because later ones do not tell the cause
     */
    static LibC get() {
        if (Holder.FAILURE != null) {
            throw Holder.FAILURE;
        }
        return Objects.requireNonNull(Holder.INSTANCE);
    }

    /** The lazily loaded library: a launch without a lock never loads it. */
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
