package io.relaunchguard.platform.windows;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.platform.win32.Kernel32;
import com.sun.jna.platform.win32.WinBase;
import com.sun.jna.platform.win32.WinDef.DWORD;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Starts a program that is independent of the starting process: without its console, its handles and its job. */
final class DetachedProcess {

    private static final int FLAGS = WinBase.DETACHED_PROCESS | WinBase.CREATE_UNICODE_ENVIRONMENT;

    /**
     * The size of JOBOBJECT_EXTENDED_LIMIT_INFORMATION in bytes; the offset of its flags and the relevant flag follow.
     */
    private static final int LIMITS_SIZE = 144;

    private static final int LIMIT_FLAGS = 16;
    private static final int KILL_ON_JOB_CLOSE = 0x2000;

    private DetachedProcess() {}

    /**
     * Starts the program and returns its PID.
     *
     * @throws IOException if the program cannot be started, or is a batch file
     */
    static long start(List<String> command, Path directory) throws IOException {
        String program = command.get(0).toLowerCase(Locale.ROOT);
        if (program.endsWith(".bat") || program.endsWith(".cmd")) {
            throw new IOException("\"%s\" is a batch file, whose arguments cannot be quoted safely: start a program"
                    .formatted(command.get(0)));
        }
        String line = CommandLineText.of(command);
        WinBase.PROCESS_INFORMATION started = new WinBase.PROCESS_INFORMATION();
        int error = create(line, directory, FLAGS | WinBase.CREATE_BREAKAWAY_FROM_JOB, started);
        if (error == NativeCalls.ERROR_ACCESS_DENIED && !endsWithItsJob()) {
            // No process may leave the job, but the job does not end its processes when it closes.
            error = create(line, directory, FLAGS, started);
        }
        if (error != 0) {
            throw new IOException("\"%s\" cannot be started: %s".formatted(command.get(0), NativeCalls.meaning(error)));
        }
        Kernel32.INSTANCE.CloseHandle(started.hThread);
        Kernel32.INSTANCE.CloseHandle(started.hProcess);
        return Integer.toUnsignedLong(started.dwProcessId.intValue());
    }

    private static int create(String line, Path directory, int flags, WinBase.PROCESS_INFORMATION started) {
        // CreateProcess may write into the text.
        return Kernel32.INSTANCE.CreateProcessW(
                        null,
                        (line + '\0').toCharArray(),
                        null,
                        null,
                        false,
                        new DWORD(flags),
                        null,
                        directory.toAbsolutePath().toString(),
                        new WinBase.STARTUPINFO(),
                        started)
                ? 0
                : Native.getLastError();
    }

    /** Returns whether this process is in a job that ends its processes when it closes; true if that is unknown. */
    private static boolean endsWithItsJob() {
        Memory limits = new Memory(LIMITS_SIZE);
        return !NativeCalls.MoreKernel32.INSTANCE.QueryInformationJobObject(
                        null, NativeCalls.MoreKernel32.JOB_OBJECT_EXTENDED_LIMIT_INFORMATION, limits, LIMITS_SIZE, null)
                || (limits.getInt(LIMIT_FLAGS) & KILL_ON_JOB_CLOSE) != 0;
    }
}
