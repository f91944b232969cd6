package io.relaunchguard.platform.macos;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.NativeLongByReference;
import com.sun.jna.ptr.PointerByReference;
import io.relaunchguard.platform.macos.XnuStructure.Kevent;
import org.jspecify.annotations.Nullable;

/**
 * The functions of libSystem that the JDK does not offer. The result shows a failure; {@link Native} reads the errno.
 */
interface LibSystem extends Library {

    String NAME = "System";

    int proc_pidinfo(int pid, int flavor, long argument, Memory buffer, int size);

    int proc_pidfdinfo(int pid, int descriptor, int flavor, Memory buffer, int size);

    int proc_pidpath(int pid, byte[] buffer, int size);

    int proc_listallpids(int @Nullable [] buffer, int size);

    int proc_pid_rusage(int pid, int flavor, Memory buffer);

    /** Sends a signal and returns the errno. */
    int proc_signal_with_audittoken(int[] token, int signal);

    int getsid(int pid);

    int kqueue();

    int kevent(
            int queue,
            @Nullable Pointer changes,
            int changeCount,
            @Nullable Pointer events,
            int eventCount,
            @Nullable Pointer timeout);

    int open(String path, int flags);

    int flock(int descriptor, int operation);

    int close(int descriptor);

    int sysctlbyname(
            String name,
            byte @Nullable [] old,
            NativeLongByReference oldSize,
            @Nullable Pointer replacement,
            NativeLong replacementSize);

    int gethostuuid(byte[] uuid, Memory timeout);

    int gethostname(byte[] name, NativeLong size);

    long mach_continuous_time();

    int mach_timebase_info(int[] timebase);

    String strerror(int errno);

    int posix_spawnattr_init(PointerByReference attributes);

    int posix_spawnattr_destroy(PointerByReference attributes);

    int posix_spawnattr_setflags(PointerByReference attributes, short flags);

    int posix_spawnattr_setsigmask(PointerByReference attributes, IntByReference signals);

    int posix_spawnattr_setsigdefault(PointerByReference attributes, IntByReference signals);

    int posix_spawn_file_actions_init(PointerByReference actions);

    int posix_spawn_file_actions_destroy(PointerByReference actions);

    int posix_spawn_file_actions_addopen(PointerByReference actions, int file, String path, int flags, short mode);

    int posix_spawn_file_actions_addinherit_np(PointerByReference actions, int file);

    int posix_spawn_file_actions_addchdir_np(PointerByReference actions, String path);

    int posix_spawnp(
            IntByReference pid,
            String file,
            PointerByReference actions,
            PointerByReference attributes,
            StringArray arguments,
            Pointer environment);

    Pointer _NSGetEnviron();

    /** Returns the library, loading it on first use. */
    static LibSystem get() {
        return Holder.INSTANCE;
    }

    /** Returns whether the library has a function. */
    static boolean has(String function) {
        try {
            return NativeLibrary.getInstance(NAME).getFunction(function) != null;
        } catch (UnsatisfiedLinkError e) {
            return false;
        }
    }

    /** Returns the kevent that registers a filter. */
    static Kevent kevent(long ident, short filter, int flags, int fflags) {
        Kevent event = new Kevent(ident, filter, flags, fflags);
        event.write();
        return event;
    }

    /** The lazily loaded library: a launch without a lock never loads it. */
    final class Holder {

        static final LibSystem INSTANCE = Native.load(NAME, LibSystem.class);

        private Holder() {}
    }
}
