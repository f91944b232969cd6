package io.relaunchguard.it.drill;

import com.sun.jna.Native;
import com.sun.jna.platform.win32.Kernel32;
import com.sun.jna.platform.win32.User32;
import com.sun.jna.platform.win32.WinBase;
import com.sun.jna.platform.win32.WinDef.LRESULT;
import com.sun.jna.platform.win32.WinNT;
import com.sun.jna.platform.win32.WinNT.HANDLE;
import com.sun.jna.platform.win32.WinUser;
import com.sun.jna.win32.StdCallLibrary;
import com.sun.jna.win32.W32APIOptions;
import io.relaunchguard.core.lock.SingletonLock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The drill's host on Windows. It works with NtSuspendProcess and a window. */
final class WindowsDrillHost implements DrillHost {

    private static final int WM_QUERYENDSESSION = 0x0011;
    private static final int PROCESS_SUSPEND_RESUME = 0x0800;

    @Override
    public String system() {
        return "%s %s".formatted(System.getProperty("os.name"), System.getProperty("os.version"));
    }

    @Override
    public boolean isPosix() {
        return false;
    }

    @Override
    public Runnable takeLock(Path profile, SingletonLock lock) throws IOException {
        HANDLE held = Kernel32.INSTANCE.CreateFile(
                profile.resolve("lockfile").toString(),
                WinNT.GENERIC_WRITE,
                WinNT.FILE_SHARE_READ,
                null,
                WinNT.CREATE_ALWAYS,
                WinNT.FILE_ATTRIBUTE_NORMAL | WinNT.FILE_FLAG_DELETE_ON_CLOSE,
                null);
        if (WinBase.INVALID_HANDLE_VALUE.equals(held)) {
            throw new IOException("the lock cannot be taken: error " + Native.getLastError());
        }
        return () -> Kernel32.INSTANCE.CloseHandle(held);
    }

    /**
     * Returns how such a launch ends. The guard does not resume a suspended process: the request, if the process has a
     * window for it, waits until the process is ended.
     */
    @Override
    public String endOfStopped() {
        return "READY, sent TERM KILL";
    }

    @Override
    public void prepareToStop() {
        var unused = Suspension.INSTANCE;
    }

    @Override
    public void stop() {
        Suspension.INSTANCE.NtSuspendProcess(Kernel32.INSTANCE.GetCurrentProcess());
    }

    /** Stops a child. Its PID belongs to it as long as its handle is open here. */
    @Override
    public void stop(Process child) throws IOException {
        HANDLE process = Kernel32.INSTANCE.OpenProcess(PROCESS_SUSPEND_RESUME, false, (int) child.pid());
        if (process == null) {
            throw new IOException(
                    "process %d cannot be stopped: error %d".formatted(child.pid(), Native.getLastError()));
        }
        Suspension.INSTANCE.NtSuspendProcess(process);
        Kernel32.INSTANCE.CloseHandle(process);
    }

    @Override
    public boolean canHang() {
        return false;
    }

    @Override
    public void hang(long pid) throws IOException {
        throw new IOException("one thread alone is not stopped on Windows");
    }

    /** Opens a window that refuses to be closed. */
    @Override
    public void ignoreTerm() {
        CompletableFuture<Boolean> shown = new CompletableFuture<>();
        Thread thread = new Thread(() -> refuse(shown), "drill-window");
        thread.setDaemon(true);
        thread.start();
        if (!shown.join()) {
            throw new IllegalStateException("there can be no window here: error " + Native.getLastError());
        }
    }

    /** Does nothing: the drill ends its holders by itself. */
    @Override
    public void endWithParent() {}

    @Override
    public int nobody() {
        throw new UnsupportedOperationException("nobody becomes another user on Windows");
    }

    @Override
    public List<Path> browsers() {
        return List.of(
                Path.of("C:\\Program Files\\Chromium\\Application\\chrome.exe"),
                Path.of("C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe"),
                Path.of("C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe"));
    }

    @Override
    public void becomeUser(int uid) {
        throw new UnsupportedOperationException("nobody becomes another user on Windows");
    }

    private static void refuse(CompletableFuture<Boolean> shown) {
        WinUser.WindowProc procedure =
                (window, message, word, more) -> message == WinUser.WM_CLOSE || message == WM_QUERYENDSESSION
                        ? new LRESULT(0)
                        : User32.INSTANCE.DefWindowProc(window, message, word, more);
        WinUser.WNDCLASSEX type = new WinUser.WNDCLASSEX();
        type.hInstance = Kernel32.INSTANCE.GetModuleHandle(null);
        type.lpfnWndProc = procedure;
        type.lpszClassName = "RelaunchGuardDrill";
        User32.INSTANCE.RegisterClassEx(type);
        shown.complete(User32.INSTANCE.CreateWindowEx(
                        0,
                        type.lpszClassName,
                        "Relaunch Guard drill",
                        WinUser.WS_OVERLAPPED | WinUser.WS_VISIBLE,
                        0,
                        0,
                        300,
                        100,
                        null,
                        null,
                        type.hInstance,
                        null)
                != null);
        WinUser.MSG message = new WinUser.MSG();
        while (User32.INSTANCE.GetMessage(message, null, 0, 0) > 0) {
            User32.INSTANCE.DispatchMessage(message);
        }
    }

    /** The call that has no mapping in JNA's platform library. */
    private interface Suspension extends StdCallLibrary {

        Suspension INSTANCE = Native.load("ntdll", Suspension.class, W32APIOptions.DEFAULT_OPTIONS);

        int NtSuspendProcess(HANDLE process);
    }
}
