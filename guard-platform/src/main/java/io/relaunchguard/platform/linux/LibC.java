package io.relaunchguard.platform.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Structure;
import com.sun.jna.platform.unix.LibCAPI;

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

    /** eventfd(2): EFD_CLOEXEC. */
    int EFD_CLOEXEC = 0x80000;

    int ESRCH = 3;
    int EINTR = 4;

    /** Every argument is a {@code long} of C, see syscall(2). */
    NativeLong syscall(NativeLong number, NativeLong... arguments) throws LastErrorException;

    int poll(PollFd[] descriptors, NativeLong count, int timeoutMillis) throws LastErrorException;

    int clock_gettime(int clock, TimeSpec time) throws LastErrorException;

    NativeLong sysconf(int name) throws LastErrorException;

    int eventfd(int initial, int flags) throws LastErrorException;

    NativeLong write(int descriptor, byte[] content, NativeLong count) throws LastErrorException;

    String strerror(int errno);

    /** Loads the library on first use. */
    static LibC get() {
        return Holder.INSTANCE;
    }

    /** Loading on first use: a launch without a lock never gets here. */
    final class Holder {

        static final LibC INSTANCE = Native.load("c", LibC.class);

        private Holder() {}
    }

    /** {@code struct pollfd} of poll(2). */
    @Structure.FieldOrder({"fd", "events", "revents"})
    class PollFd extends Structure {
        public int fd;
        public short events;
        public short revents;
    }

    /** {@code struct timespec} of clock_gettime(2). */
    @Structure.FieldOrder({"seconds", "nanoseconds"})
    class TimeSpec extends Structure {
        public NativeLong seconds = new NativeLong();
        public NativeLong nanoseconds = new NativeLong();
    }
}
