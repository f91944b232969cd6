package io.relaunchguard.platform.macos;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.ptr.NativeLongByReference;
import io.relaunchguard.platform.macos.XnuStructure.Kevent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The implementation of the kernel's calls through libSystem. The native library is loaded on first use. */
final class XnuKernel implements Xnu {

    /** PROC_PIDPATHINFO_MAXSIZE. */
    private static final int PATH_BYTES = 4 * 1024;

    /** {@code sizeof(struct timespec)}. */
    private static final int TIMESPEC_BYTES = 16;

    /** O_EVTONLY and O_CLOEXEC: for events only, and not inherited by children. */
    private static final int OPEN_FOR_EVENTS = 0x8000 | 0x1000000;

    /** O_RDONLY, O_DIRECTORY and O_CLOEXEC. */
    private static final int OPEN_DIRECTORY = 0x100000 | 0x1000000;

    private static final short EVFILT_VNODE = -4;
    private static final short EVFILT_PROC = -5;
    private static final short EVFILT_USER = -10;

    private static final int EV_ADD = 0x0001;
    private static final int EV_CLEAR = 0x0020;
    private static final int EV_ERROR = 0x4000;

    private static final int NOTE_EXIT = 0x80000000;
    private static final int NOTE_TRIGGER = 0x01000000;

    /** NOTE_DELETE, NOTE_WRITE, NOTE_EXTEND, NOTE_ATTRIB, NOTE_LINK, NOTE_RENAME, NOTE_REVOKE. */
    private static final int ANY_CHANGE = 0x7f;

    private static final int EINTR = 4;
    private static final String EXACT_SIGNAL = "proc_signal_with_audittoken";

    /** The length of {@code audit_token_t} in words, as {@code bsm/libbsm.h} reads it. */
    private static final int TOKEN_WORDS = 8;

    private static final int TOKEN_PID = 5;
    private static final int TOKEN_VERSION = 7;

    @Override
    public byte[] processInfo(int pid, int flavor, long argument, int size) {
        try (Memory buffer = new Memory(size)) {
            int filled = LibSystem.get().proc_pidinfo(pid, flavor, argument, buffer, size);
            return filled(buffer, filled);
        }
    }

    @Override
    public byte[] fileInfo(int pid, int descriptor, int flavor, int size) {
        try (Memory buffer = new Memory(size)) {
            return filled(buffer, LibSystem.get().proc_pidfdinfo(pid, descriptor, flavor, buffer, size));
        }
    }

    @Override
    public byte[] usage(int pid, int flavor, int size) {
        try (Memory buffer = new Memory(size)) {
            check(LibSystem.get().proc_pid_rusage(pid, flavor, buffer));
            return buffer.getByteArray(0, size);
        }
    }

    @Override
    public String executable(int pid) {
        byte[] path = new byte[PATH_BYTES];
        int length = positive(LibSystem.get().proc_pidpath(pid, path, path.length));
        return new String(path, 0, length, StandardCharsets.UTF_8);
    }

    /**
     * {@inheritDoc}
     *
     * <p>The buffer has spare room: there may be more processes by the time of the second call.
     */
    @Override
    public int[] processes() {
        int[] pids = new int[2 * positive(LibSystem.get().proc_listallpids(null, 0))];
        int count = positive(LibSystem.get().proc_listallpids(pids, pids.length * Integer.BYTES));
        return Arrays.copyOf(pids, Math.min(count, pids.length));
    }

    @Override
    public int session(int pid) {
        return check(LibSystem.get().getsid(pid));
    }

    @Override
    public boolean signalsExactly() {
        return LibSystem.has(EXACT_SIGNAL);
    }

    @Override
    public int signal(int pid, int version, int signal) {
        int[] token = new int[TOKEN_WORDS];
        token[TOKEN_PID] = pid;
        token[TOKEN_VERSION] = version;
        return LibSystem.get().proc_signal_with_audittoken(token, signal);
    }

    @Override
    public Queue exitQueue(int pid) {
        return queue(-1, LibSystem.kevent(pid, EVFILT_PROC, EV_ADD, NOTE_EXIT));
    }

    @Override
    public Queue directoryQueue(String directory) {
        int watched = check(LibSystem.get().open(directory, OPEN_FOR_EVENTS));
        return queue(watched, LibSystem.kevent(watched, EVFILT_VNODE, EV_ADD | EV_CLEAR, ANY_CHANGE));
    }

    /** Creates a kqueue that reports this event and can be woken. */
    private static Queue queue(int watched, Kevent event) {
        Queue queue = new Queue(-1, watched);
        boolean made = false;
        try {
            queue = new Queue(check(LibSystem.get().kqueue()), watched);
            change(queue, LibSystem.kevent(0, EVFILT_USER, EV_ADD | EV_CLEAR, 0));
            change(queue, event);
            made = true;
            return queue;
        } finally {
            if (!made) {
                closeAll(queue);
            }
        }
    }

    @Override
    public boolean poll(Queue queue) {
        Kevent event = new Kevent();
        try (Memory immediately = new Memory(TIMESPEC_BYTES)) {
            immediately.clear();
            return happened(event, next(queue, event, immediately));
        }
    }

    @Override
    public boolean await(Queue queue) {
        Kevent event = new Kevent();
        return happened(event, next(queue, event, null));
    }

    @Override
    public void wake(Queue queue) {
        change(queue, LibSystem.kevent(0, EVFILT_USER, 0, NOTE_TRIGGER));
    }

    @Override
    public void close(Queue queue) {
        closeAll(queue);
    }

    private static void closeAll(Queue queue) {
        if (queue.descriptor() >= 0) {
            LibSystem.get().close(queue.descriptor());
        }
        if (queue.watched() >= 0) {
            LibSystem.get().close(queue.watched());
        }
    }

    private static void change(Queue queue, Kevent change) {
        check(LibSystem.get().kevent(queue.descriptor(), change.getPointer(), 1, null, 0, null));
    }

    private static int next(Queue queue, Kevent event, @Nullable Memory timeout) {
        while (true) {
            int count = LibSystem.get().kevent(queue.descriptor(), null, 0, event.getPointer(), 1, timeout);
            if (count >= 0 || Native.getLastError() != EINTR) {
                return check(count);
            }
        }
    }

    private static boolean happened(Kevent event, int count) {
        if (count == 0) {
            return false;
        }
        event.read();
        if ((event.flags & EV_ERROR) != 0) {
            throw new LastErrorException((int) event.data);
        }
        return event.filter != EVFILT_USER;
    }

    @Override
    public int lockDirectory(String directory, int operation) {
        int descriptor = check(LibSystem.get().open(directory, OPEN_DIRECTORY));
        if (LibSystem.get().flock(descriptor, operation) < 0) {
            int errno = Native.getLastError();
            close(descriptor);
            throw new LastErrorException(errno);
        }
        return descriptor;
    }

    @Override
    public void close(int descriptor) {
        LibSystem.get().close(descriptor);
    }

    @Override
    public String systemText(String name) {
        NativeLongByReference size = new NativeLongByReference(new NativeLong(0));
        check(LibSystem.get().sysctlbyname(name, null, size, null, new NativeLong(0)));
        byte[] text = new byte[size.getValue().intValue()];
        check(LibSystem.get().sysctlbyname(name, text, size, null, new NativeLong(0)));
        return Native.toString(text, StandardCharsets.UTF_8.name());
    }

    @Override
    public byte[] hostUuid() {
        byte[] uuid = new byte[16];
        try (Memory atOnce = new Memory(TIMESPEC_BYTES)) {
            atOnce.clear();
            check(LibSystem.get().gethostuuid(uuid, atOnce));
        }
        return uuid;
    }

    @Override
    public byte[] hostName(int size) {
        byte[] name = new byte[size];
        check(LibSystem.get().gethostname(name, new NativeLong(size)));
        return name;
    }

    @Override
    public long continuousTicks() {
        return LibSystem.get().mach_continuous_time();
    }

    @Override
    public Timebase timebase() {
        int[] fraction = new int[2];
        LibSystem.get().mach_timebase_info(fraction);
        return new Timebase(Integer.toUnsignedLong(fraction[0]), Integer.toUnsignedLong(fraction[1]));
    }

    @Override
    public String meaning(int errno) {
        return LibSystem.get().strerror(errno);
    }

    private static byte[] filled(Memory buffer, int count) {
        return buffer.getByteArray(0, positive(count));
    }

    /** Checks the result of a function of libproc, which returns 0 on failure. */
    private static int positive(int result) {
        if (result <= 0) {
            throw new LastErrorException(Native.getLastError());
        }
        return result;
    }

    private static int check(int result) {
        if (result < 0) {
            throw new LastErrorException(Native.getLastError());
        }
        return result;
    }
}
