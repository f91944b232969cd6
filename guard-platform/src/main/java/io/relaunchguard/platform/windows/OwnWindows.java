package io.relaunchguard.platform.windows;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The top-level windows of exactly one process: its handle is open while they are enumerated, so that no other process
 * can have its PID.
 */
record OwnWindows(long pid, List<HWND> windows) {

    private static final int WM_QUERYENDSESSION = 0x0011;
    private static final int WM_ENDSESSION = 0x0016;

    /** The flag for a session that continues while this application is replaced: see WM_QUERYENDSESSION. */
    private static final LPARAM ENDSESSION_CLOSEAPP = new LPARAM(1);

    /** The hidden window of AWT: it takes the end of the session for an orderly end of the JVM, with its shutdown hooks. */
    private static final String TOOLKIT = "SunAwtToolkit";

    /** The windows of an embedded Chromium: the one of its status tray ends the process at once when the session ends. */
    private static final String OF_CHROMIUM = "Chrome_";

    private static final String STATUS_TRAY = OF_CHROMIUM + "StatusTrayWindow";

    /** How long the visible windows have before the others are asked too. */
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(1);

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
     * Asks the process once to end. Like a user, posts WM_CLOSE to each visible window, and waits one second for the exit.
     * Then, like the Restart Manager, sends WM_QUERYENDSESSION and, where that is granted, WM_ENDSESSION, and waits for the
     * answers until a timeout. A process with AWT gets these in AWT's own window first, and in none of Chromium's.
     *
     * @param exitsWithin waits in the kernel for the exit, and returns whether the process has exited in that time
     */
    SentSignal requestExit(Predicate<Duration> exitsWithin) {
        if (windows.isEmpty()) {
            return new SentSignal(
                    Signal.TERM, pid, SentSignal.Result.REFUSED, "it has no window that could be asked to close");
        }
        boolean closing = false;
        for (HWND window : windows) {
            if (isOf(pid, window) && User32.INSTANCE.IsWindowVisible(window)) {
                User32.INSTANCE.PostMessage(window, WinUser.WM_CLOSE, new WPARAM(0), new LPARAM(0));
                closing = true;
            }
        }
        if (closing && exitsWithin.test(CLOSE_PATIENCE)) {
            return new SentSignal(Signal.TERM, pid, SentSignal.Result.DELIVERED, "");
        }
        long begin = System.nanoTime();
        for (HWND window : inOrder()) {
            // One that is gone meanwhile is none that does not answer.
            boolean there = isOf(pid, window);
            if (there && (System.nanoTime() - begin > PATIENCE_NANOS || !endSession(window))) {
                break;
            }
        }
        return new SentSignal(Signal.TERM, pid, SentSignal.Result.DELIVERED, "");
    }

    /** The windows that are told of the end of the session. A Chromium without AWT around it ends orderly by its own. */
    private List<HWND> inOrder() {
        List<HWND> toolkits =
                windows.stream().filter(window -> type(window).equals(TOOLKIT)).toList();
        if (toolkits.isEmpty()) {
            return windows;
        }
        return Stream.concat(
                        toolkits.stream(),
                        windows.stream()
                                .filter(window -> !type(window).equals(TOOLKIT)
                                        && !type(window).startsWith(OF_CHROMIUM)))
                .toList();
    }

    /**
     * Gives the windows of Chromium's status tray, all of this very process, Windows' default procedure: it answers as if
     * they did not mind the end of the session. Changes nothing in a process without AWT, which has nothing else that ends
     * it in order.
     */
    void leaveSessionEndToAwt() {
        if (windows.stream().anyMatch(window -> type(window).equals(TOOLKIT))) {
            Pointer procedure = NativeLibrary.getInstance("user32").getFunction("DefWindowProcW");
            windows.stream()
                    .filter(window -> type(window).equals(STATUS_TRAY))
                    .forEach(window -> User32.INSTANCE.SetWindowLongPtr(window, WinUser.GWL_WNDPROC, procedure));
        }
    }

    private static String type(HWND window) {
        char[] name = new char[257];
        int length = User32.INSTANCE.GetClassName(window, name, name.length);
        return new String(name, 0, length);
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
