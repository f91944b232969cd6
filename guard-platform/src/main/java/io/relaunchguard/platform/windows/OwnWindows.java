package io.relaunchguard.platform.windows;

import com.sun.jna.platform.win32.User32;
import com.sun.jna.platform.win32.WinDef.DWORD;
import com.sun.jna.platform.win32.WinDef.DWORDByReference;
import com.sun.jna.platform.win32.WinDef.HWND;
import com.sun.jna.platform.win32.WinDef.LPARAM;
import com.sun.jna.platform.win32.WinDef.WPARAM;
import com.sun.jna.platform.win32.WinUser;
import com.sun.jna.ptr.IntByReference;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The top-level windows of one process, and of no other: the process is pinned while they are looked for, so that nothing
 * else can have its id.
 */
record OwnWindows(long pid, List<HWND> windows) {

    private static final int WM_QUERYENDSESSION = 0x0011;
    private static final int WM_ENDSESSION = 0x0016;

    /** The session goes on, but this application is to be replaced: see WM_QUERYENDSESSION. */
    private static final LPARAM ENDSESSION_CLOSEAPP = new LPARAM(1);

    private static final int ABORT_IF_HUNG = WinUser.SMTO_ABORTIFHUNG | WinUser.SMTO_BLOCK;
    private static final int ANSWER_MILLIS = 250;

    /** For all windows together: an application may have hundreds of them, and answer for each just in time. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

    static OwnWindows of(long pid) {
        List<HWND> found = new ArrayList<>();
        User32.INSTANCE.EnumWindows(
                (window, unused) -> {
                    if (isOf(pid, window)) {
                        found.add(window);
                    }
                    return true;
                },
                null);
        return new OwnWindows(pid, List.copyOf(found));
    }

    /**
     * Asks once for the end: as the Restart Manager does, with WM_QUERYENDSESSION and, where that is granted, WM_ENDSESSION;
     * and as a user does, with WM_CLOSE for each window that is to be seen. Waits for an answer, but not for long.
     */
    SentSignal requestExit() {
        if (windows.isEmpty()) {
            return new SentSignal(
                    Signal.TERM, pid, SentSignal.Result.REFUSED, "it has no window that could be asked to close");
        }
        long begin = System.nanoTime();
        for (HWND window : windows) {
            if (System.nanoTime() - begin > PATIENCE_NANOS || !endSession(window)) {
                break;
            }
        }
        for (HWND window : windows) {
            if (isOf(pid, window) && User32.INSTANCE.IsWindowVisible(window)) {
                User32.INSTANCE.PostMessage(window, WinUser.WM_CLOSE, new WPARAM(0), new LPARAM(0));
            }
        }
        return new SentSignal(Signal.TERM, pid, SentSignal.Result.DELIVERED, "");
    }

    /** Whether the window answered in time; one that does not is not asked for more, nor are the others. */
    private boolean endSession(HWND window) {
        DWORDByReference granted = new DWORDByReference(new DWORD(0));
        if (!isOf(pid, window) || !send(window, WM_QUERYENDSESSION, 0, granted)) {
            return false;
        }
        return granted.getValue().intValue() == 0 || send(window, WM_ENDSESSION, 1, granted);
    }

    private static boolean send(HWND window, int message, int word, DWORDByReference answer) {
        return User32.INSTANCE
                        .SendMessageTimeout(
                                window,
                                message,
                                new WPARAM(word),
                                ENDSESSION_CLOSEAPP,
                                ABORT_IF_HUNG,
                                ANSWER_MILLIS,
                                answer)
                        .intValue()
                != 0;
    }

    private static boolean isOf(long pid, HWND window) {
        IntByReference owner = new IntByReference();
        User32.INSTANCE.GetWindowThreadProcessId(window, owner);
        return owner.getValue() == pid;
    }
}
