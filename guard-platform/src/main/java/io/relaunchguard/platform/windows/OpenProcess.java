package io.relaunchguard.platform.windows;

import com.sun.jna.Native;
import com.sun.jna.platform.win32.Kernel32;
import com.sun.jna.platform.win32.WinBase;
import com.sun.jna.platform.win32.WinBase.FILETIME;
import com.sun.jna.platform.win32.WinDef.DWORD;
import com.sun.jna.platform.win32.WinNT;
import com.sun.jna.platform.win32.WinNT.HANDLE;
import com.sun.jna.ptr.IntByReference;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.process.Activity;
import java.time.Duration;

/**
 * An open handle of a process. As long as it is open, the kernel gives the PID to no other process, exited or not, see
 * OpenProcess and GetProcessId. All information here comes from the handle.
 *
 * @param created when the process was created, as a FILETIME
 */
record OpenProcess(long pid, HANDLE handle, long created) implements AutoCloseable {

    static final int LOOK = WinNT.PROCESS_QUERY_LIMITED_INFORMATION | WinNT.SYNCHRONIZE;
    static final int PIN = LOOK | WinNT.PROCESS_TERMINATE;
    static final int DUPLICATE = LOOK | WinNT.PROCESS_DUP_HANDLE;

    private static final int LONGEST_PATH = 32768;
    private static final long NANOS_PER_UNIT = 100;

    /** Opens the process with this PID. A refusal is unknown: the process exists, or may exist. */
    static Observation<OpenProcess> open(long pid, int rights) {
        if (!CacheStatus.canName(pid)) {
            return Observation.unknown("%d is not the id of a process that may be opened".formatted(pid));
        }
        HANDLE handle = Kernel32.INSTANCE.OpenProcess(rights, false, (int) pid);
        if (handle == null) {
            int error = Native.getLastError();
            return error == NativeCalls.ERROR_INVALID_PARAMETER
                    ? Observation.absent("there is no process %d".formatted(pid))
                    : Observation.unknown("process %d cannot be opened: %s".formatted(pid, NativeCalls.meaning(error)));
        }
        // Windows opens process 4 for PIDs 5, 6 and 7 too.
        if (Kernel32.INSTANCE.GetProcessId(handle) != pid) {
            Kernel32.INSTANCE.CloseHandle(handle);
            return Observation.absent("%d is no process's id".formatted(pid));
        }
        Times times = new Times();
        if (!times.read(handle)) {
            int error = Native.getLastError();
            Kernel32.INSTANCE.CloseHandle(handle);
            return Observation.unknown(
                    "the creation time of process %d cannot be read: %s".formatted(pid, NativeCalls.meaning(error)));
        }
        return Observation.seen(new OpenProcess(pid, handle, units(times.created)));
    }

    boolean hasExited() {
        return switch (Kernel32.INSTANCE.WaitForSingleObject(handle, 0)) {
            case WinBase.WAIT_OBJECT_0 -> true;
            case WinNT.WAIT_TIMEOUT -> false;
            default ->
                throw new IllegalStateException("the state of process %d cannot be read: %s"
                        .formatted(pid, NativeCalls.meaning(Native.getLastError())));
        };
    }

    /**
     * Returns the account and the session: PIDs are unique on the machine, but what a user sees and may end belongs to
     * a session.
     */
    Observation<String> user() {
        IntByReference session = new IntByReference();
        if (!Kernel32.INSTANCE.ProcessIdToSessionId((int) pid, session)) {
            return Observation.unknown("the session of process %d cannot be read: %s"
                    .formatted(pid, NativeCalls.meaning(Native.getLastError())));
        }
        return Token.account(handle).map(account -> "%s:%d".formatted(account, session.getValue()));
    }

    Observation<String> executable() {
        char[] path = new char[LONGEST_PATH];
        IntByReference length = new IntByReference(path.length);
        return Kernel32.INSTANCE.QueryFullProcessImageName(handle, 0, path, length)
                ? Observation.seen(new String(path, 0, length.getValue()))
                : Observation.unknown("the executable of process %d cannot be read: %s"
                        .formatted(pid, NativeCalls.meaning(Native.getLastError())));
    }

    Observation<Activity> activity() {
        Times times = new Times();
        WinNT.IO_COUNTERS io = new WinNT.IO_COUNTERS();
        if (!times.read(handle) || !Kernel32.INSTANCE.GetProcessIoCounters(handle, io)) {
            return Observation.unknown("the processor time of process %d cannot be read: %s"
                    .formatted(pid, NativeCalls.meaning(Native.getLastError())));
        }
        long cpu = units(times.kernel) + units(times.user);
        return Observation.seen(
                new Activity(Duration.ofNanos(cpu * NANOS_PER_UNIT), io.WriteTransferCount, io.WriteOperationCount));
    }

    @Override
    public void close() {
        Kernel32.INSTANCE.CloseHandle(handle);
    }

    private static long units(FILETIME time) {
        return new WinNT.LARGE_INTEGER.LowHigh(new DWORD(time.dwLowDateTime), new DWORD(time.dwHighDateTime))
                .longValue();
    }

    /** The result of GetProcessTimes. */
    private static final class Times {

        private final FILETIME created = new FILETIME();
        private final FILETIME exited = new FILETIME();
        private final FILETIME kernel = new FILETIME();
        private final FILETIME user = new FILETIME();

        boolean read(HANDLE process) {
            return Kernel32.INSTANCE.GetProcessTimes(process, created, exited, kernel, user);
        }
    }
}
