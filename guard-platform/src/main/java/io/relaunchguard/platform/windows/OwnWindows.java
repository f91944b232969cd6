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
 * The top-level windows of exactly one process: its handle is open while they are enumerated, so that no other process
 * can have its PID.
 */
record OwnWindows(long pid, List<HWND> windows) {

    private static final int WM_QUERYENDSESSION = 0x0011;
    private static final int WM_ENDSESSION = 0x0016;

    /** The flag for a session that continues while this application is replaced: see WM_QUERYENDSESSION. */
    private static final LPARAM ENDSESSION_CLOSEAPP = new LPARAM(1);

    private static final int ABORT_IF_HUNG = WinUser.SMTO_ABORTIFHUNG | WinUser.SMTO_BLOCK;
    private static final int ANSWER_MILLIS = 250;

    /** The timeout for all windows together: an application may have hundreds, and each may answer just in time. */
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
     * Asks the process once to end. Like the Restart Manager, sends WM_QUERYENDSESSION and, where that is granted,
     * WM_ENDSESSION; like a user, posts WM_CLOSE to each visible window. Waits for the answers until a timeout.
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

    /**
     * Sends the messages to a window, and returns whether it answered in time. After a window that did not, no further
     * one is asked.
     */
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
