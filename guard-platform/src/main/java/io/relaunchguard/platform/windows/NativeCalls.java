package io.relaunchguard.platform.windows;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.WString;
import com.sun.jna.platform.win32.Kernel32Util;
import com.sun.jna.platform.win32.WinNT.HANDLE;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.win32.StdCallLibrary;
import com.sun.jna.win32.W32APIOptions;
import org.jspecify.annotations.Nullable;

/**
 * The native functions that JNA's platform library does not map, and their constants. Each library is loaded on first
 * use.
 */
final class NativeCalls {

    static final int ERROR_FILE_NOT_FOUND = 2;
    static final int ERROR_PATH_NOT_FOUND = 3;
    static final int ERROR_ACCESS_DENIED = 5;
    static final int ERROR_SHARING_VIOLATION = 32;
    static final int ERROR_INVALID_PARAMETER = 87;
    static final int ERROR_MORE_DATA = 234;

    private NativeCalls() {}

    /** Returns the system's text for an error code. */
    static String meaning(int error) {
        return "%s (error %d)".formatted(Kernel32Util.formatMessage(error).strip(), error);
    }

    /** {@code ntdll.dll}. */
    interface NtDll extends StdCallLibrary {

        NtDll INSTANCE = Native.load("ntdll", NtDll.class, W32APIOptions.DEFAULT_OPTIONS);

        /** The class of {@link #NtQuerySystemInformation} for every process, with its threads. */
        int SYSTEM_PROCESS_INFORMATION = 5;

        /** The class for the time when the system was started. */
        int SYSTEM_TIME_OF_DAY_INFORMATION = 3;

        /** The class for every handle of every process. */
        int SYSTEM_EXTENDED_HANDLE_INFORMATION = 64;

        int STATUS_INFO_LENGTH_MISMATCH = 0xC0000004;

        int NtQuerySystemInformation(int kind, Pointer buffer, int length, @Nullable IntByReference needed);
    }

    /** {@code kernel32.dll}. */
    interface MoreKernel32 extends StdCallLibrary {

        MoreKernel32 INSTANCE = Native.load("kernel32", MoreKernel32.class, W32APIOptions.DEFAULT_OPTIONS);

        /** The class of {@link #QueryInformationJobObject} for JOBOBJECT_EXTENDED_LIMIT_INFORMATION. */
        int JOB_OBJECT_EXTENDED_LIMIT_INFORMATION = 9;

        boolean QueryUnbiasedInterruptTime(LongByReference time);

        int GetFileType(HANDLE file);

        int GetFinalPathNameByHandle(HANDLE file, char[] path, int length, int flags);

        boolean QueryInformationJobObject(
                @Nullable HANDLE job, int kind, Pointer buffer, int length, @Nullable IntByReference needed);
    }

    /** {@code user32.dll}. */
    interface MoreUser32 extends StdCallLibrary {

        MoreUser32 INSTANCE = Native.load("user32", MoreUser32.class, W32APIOptions.DEFAULT_OPTIONS);

        boolean AllowSetForegroundWindow(int process);
    }

    /** {@code rstrtmgr.dll}, the Restart Manager. Each function returns an error code, or zero. */
    interface RestartManagerLibrary extends StdCallLibrary {

        RestartManagerLibrary INSTANCE =
                Native.load("rstrtmgr", RestartManagerLibrary.class, W32APIOptions.DEFAULT_OPTIONS);

        int RmStartSession(IntByReference session, int flags, char[] key);

        int RmRegisterResources(
                int session,
                int files,
                WString[] fileNames,
                int applications,
                @Nullable Pointer processes,
                int services,
                @Nullable Pointer serviceNames);

        int RmGetList(
                int session, IntByReference needed, IntByReference count, Pointer processes, IntByReference reasons);

        int RmEndSession(int session);
    }
}
