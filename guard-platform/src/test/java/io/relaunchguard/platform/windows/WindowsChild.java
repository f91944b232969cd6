package io.relaunchguard.platform.windows;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.platform.win32.AccCtrl;
import com.sun.jna.platform.win32.Advapi32;
import com.sun.jna.platform.win32.Kernel32;
import com.sun.jna.platform.win32.User32;
import com.sun.jna.platform.win32.WinBase;
import com.sun.jna.platform.win32.WinDef.HWND;
import com.sun.jna.platform.win32.WinDef.LPARAM;
import com.sun.jna.platform.win32.WinDef.LRESULT;
import com.sun.jna.platform.win32.WinDef.WPARAM;
import com.sun.jna.platform.win32.WinNT;
import com.sun.jna.platform.win32.WinNT.HANDLE;
import com.sun.jna.platform.win32.WinUser;
import com.sun.jna.win32.StdCallLibrary;
import com.sun.jna.win32.W32APIOptions;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.launch.HistoryStore;
import io.relaunchguard.core.launch.LaunchLock;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessTable;
import java.awt.Frame;
import java.awt.Toolkit;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** The other process of a test. Says a line when it is ready, and lives until its standard input ends. */
public final class WindowsChild {

    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    /** Of a process that answers for each of its windows, but late. */
    static final int SLOW_WINDOWS = 20;

    static final Duration SLOWNESS = Duration.ofMillis(150);

    private static final List<Object> KEPT = new ArrayList<>();

    private WindowsChild() {}

    public static void main(String[] arguments) throws IOException {
        switch (arguments[0]) {
            case "live" -> OUT.println("alive");
            case "hold" -> OUT.println(hold(Path.of(arguments[1])));
            case "open" -> open(Path.of(arguments[1]));
            case "parent" -> parent(arguments);
            case "family" -> family(Path.of(arguments[1]), Path.of(arguments[2]));
            case "helpers" -> helpers(arguments[1]);
            case "deny" -> deny(arguments.length > 1 ? Path.of(arguments[1]) : null);
            case "request" -> request(ports(arguments[1]).launchLock());
            case "append" -> append(ports(arguments[1]).history(), arguments[2]);
            case "look" -> OUT.println(ports(".").processes().look(Long.parseLong(arguments[1])));
            case "host" -> OUT.println(withoutPid(new WindowsHost().read()));
            case "window" -> window(arguments[1]);
            case "arguments" -> {
                Files.write(Path.of(arguments[1]), Arrays.asList(arguments).subList(2, arguments.length));
                return;
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        while (System.in.read() >= 0) {
            // Standard input ends with the test.
        }
    }

    /** What is the same for every process of a user. */
    static String withoutPid(HostIdentity host) {
        return "%s %s %s %s %s"
                .formatted(host.host(), host.bootId(), host.machineId(), host.pidNamespace(), host.user());
    }

    private static ProfilePorts ports(String profile) {
        return new WindowsPlatform().open(Path.of(profile));
    }

    /** Takes the lock as Chromium does. */
    static boolean hold(Path profile) {
        HANDLE held = Kernel32.INSTANCE.CreateFile(
                profile.resolve("lockfile").toString(),
                WinNT.GENERIC_WRITE,
                WinNT.FILE_SHARE_READ,
                null,
                WinNT.CREATE_ALWAYS,
                WinNT.FILE_ATTRIBUTE_NORMAL | WinNT.FILE_FLAG_DELETE_ON_CLOSE,
                null);
        KEPT.add(held);
        return !WinBase.INVALID_HANDLE_VALUE.equals(held);
    }

    /** Lets go of what this process holds. */
    static void letGo() {
        KEPT.forEach(held -> Kernel32.INSTANCE.CloseHandle((HANDLE) held));
        KEPT.clear();
    }

    private static void open(Path file) throws IOException {
        KEPT.add(Files.newOutputStream(file));
        OUT.println("open");
    }

    /** Starts another one, says its id, and then what it says. */
    private static void parent(String[] arguments) throws IOException {
        Process child = start(Arrays.copyOfRange(arguments, 1, arguments.length));
        OUT.println(child.pid());
        OUT.println(child.inputReader(StandardCharsets.UTF_8).readLine());
    }

    /** Starts one that uses the profile, two that do not, and a launcher, and says whom that takes for helpers. */
    private static void family(Path profile, Path elsewhere) throws IOException {
        Process helper = start("open", profile.resolve("Cookies").toString());
        helper.inputReader(StandardCharsets.UTF_8).readLine();
        start("open", elsewhere.resolve("Cookies").toString())
                .inputReader(StandardCharsets.UTF_8)
                .readLine();
        Process launcher = start("helpers", profile.toString());
        OUT.println(helper.pid());
        OUT.println(launcher.inputReader(StandardCharsets.UTF_8).readLine());
    }

    private static void helpers(String profile) throws IOException {
        KEPT.add(Files.newOutputStream(Path.of(profile).resolve("of-the-launcher")));
        // The first look at each process is too short for an answer.
        ProcessTable table = new WindowsProcessTable(Path.of(profile), Duration.ofNanos(1));
        long parent = ProcessHandle.current().parent().orElseThrow().pid();
        try (PinnedProcess holder = table.pin(parent).toOptional().orElseThrow()) {
            List<PinnedProcess> helpers = table.helpersOf(holder);
            // On a busy machine the files of a process may not be listed in the time that a launch has for all.
            for (int looks = 1; helpers.isEmpty() && looks < 20; looks++) {
                helpers = table.helpersOf(holder);
            }
            OUT.println(helpers.stream().map(PinnedProcess::pid).toList());
        }
    }

    private static Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                WindowsChild.class.getName()));
        command.addAll(List.of(arguments));
        Process child = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        KEPT.add(child);
        return child;
    }

    /** From now on nobody may open this process. */
    private static void deny(Path profile) {
        Memory empty = new Memory(8);
        empty.clear();
        empty.setByte(0, (byte) 2);
        empty.setShort(2, (short) 8);
        if (profile != null) {
            hold(profile);
        }
        OUT.println(Advapi32.INSTANCE.SetSecurityInfo(
                Kernel32.INSTANCE.GetCurrentProcess(),
                AccCtrl.SE_OBJECT_TYPE.SE_KERNEL_OBJECT,
                WinNT.DACL_SECURITY_INFORMATION,
                null,
                null,
                empty,
                null));
    }

    private static void request(LaunchLock lock) throws IOException {
        AtomicReference<LaunchLock.Hold> hold = new AtomicReference<>();
        Watch watch = lock.request(reply -> {
            reply.toOptional().ifPresent(hold::set);
            OUT.println(reply.toOptional().isPresent() ? "held" : reply.toString());
        });
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            switch (line) {
                case "close" -> hold.get().close();
                case "cancel" -> watch.close();
                default -> throw new IllegalArgumentException(line);
            }
            OUT.println("done");
        }
    }

    private static void append(HistoryStore history, String end) {
        for (int i = 0; i < 200; i++) {
            history.append(i + end);
        }
        OUT.println("appended");
    }

    /** AWT, before the window of Chromium's status tray: the newer window comes first in the order of windows. */
    private static void awt(boolean frame) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> OUT.println("hook")));
        Toolkit.getDefaultToolkit().getScreenSize();
        if (frame) {
            Frame visible = new Frame("A test of Relaunch Guard");
            visible.addWindowListener(new WindowAdapter() {
                @Override
                public void windowClosing(WindowEvent event) {
                    OUT.println("windowClosing");
                    visible.dispose();
                    OUT.println("disposed");
                    System.exit(0);
                }
            });
            visible.setSize(200, 100);
            visible.setVisible(true);
        }
    }

    /** A window, and what it is told. */
    private static void window(String behaviour) {
        boolean embedding = behaviour.startsWith("embedding");
        if (embedding) {
            awt(behaviour.equals("embedding-frame"));
        }
        WinUser.WindowProc procedure = (window, message, word, more) -> {
            if (message == 0x0011 || message == 0x0016 || message == WinUser.WM_CLOSE) {
                OUT.println("told %x %d %d".formatted(message, word.longValue(), more.longValue()));
            }
            return answer(behaviour, window, message, word, more);
        };
        KEPT.add(procedure);
        WinUser.WNDCLASSEX type = new WinUser.WNDCLASSEX();
        type.hInstance = Kernel32.INSTANCE.GetModuleHandle(null);
        type.lpfnWndProc = procedure;
        type.lpszClassName = embedding ? "Chrome_StatusTrayWindow" : "RelaunchGuardTest";
        User32.INSTANCE.RegisterClassEx(type);
        HWND window = null;
        for (int i = 0; i < (behaviour.equals("slow") ? SLOW_WINDOWS : 1); i++) {
            window = User32.INSTANCE.CreateWindowEx(
                    0,
                    type.lpszClassName,
                    "A test of Relaunch Guard",
                    embedding || behaviour.equals("hidden")
                            ? WinUser.WS_OVERLAPPED
                            : WinUser.WS_OVERLAPPED | WinUser.WS_VISIBLE,
                    0,
                    0,
                    200,
                    100,
                    null,
                    null,
                    type.hInstance,
                    null);
        }
        OUT.println(window == null ? "no window: " + Native.getLastError() : "window");
        Thread end = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {
                    // Standard input ends with the test.
                }
            } catch (IOException e) {
                return;
            } finally {
                Runtime.getRuntime().halt(0);
            }
        });
        end.setDaemon(true);
        end.start();
        WinUser.MSG message = new WinUser.MSG();
        while (User32.INSTANCE.GetMessage(message, null, 0, 0) > 0) {
            User32.INSTANCE.DispatchMessage(message);
        }
        OUT.println("closed");
        Runtime.getRuntime().halt(0);
    }

    private static LRESULT answer(String behaviour, HWND window, int message, WPARAM word, LPARAM more) {
        if (behaviour.equals("slow") && (message == 0x0011 || message == 0x0016)) {
            LockSupport.parkNanos(SLOWNESS.toNanos());
        }
        return switch (message) {
            case 0x0011 -> new LRESULT(behaviour.equals("stubborn") ? 0 : 1);
            case 0x0016 -> {
                if (behaviour.startsWith("embedding")) {
                    Runtime.getRuntime().halt(0);
                }
                if (behaviour.equals("hidden")) {
                    User32.INSTANCE.PostQuitMessage(0);
                }
                yield new LRESULT(0);
            }
            case WinUser.WM_CLOSE -> {
                if (!behaviour.equals("stubborn") && !behaviour.equals("slow")) {
                    User32.INSTANCE.PostQuitMessage(0);
                }
                yield new LRESULT(0);
            }
            default -> User32.INSTANCE.DefWindowProc(window, message, word, more);
        };
    }

    /** What a debugger or a task manager may do to a process. */
    interface Suspension extends StdCallLibrary {

        Suspension INSTANCE = Native.load("ntdll", Suspension.class, W32APIOptions.DEFAULT_OPTIONS);

        int NtSuspendProcess(HANDLE process);

        int NtResumeProcess(HANDLE process);
    }

    /** Suspends a process. */
    static void suspend(long pid) {
        HANDLE process = Kernel32.INSTANCE.OpenProcess(WinNT.PROCESS_SUSPEND_RESUME, false, (int) pid);
        try {
            if (process == null || Suspension.INSTANCE.NtSuspendProcess(process) != 0) {
                throw new IllegalStateException("process %d cannot be suspended".formatted(pid));
            }
        } finally {
            Kernel32.INSTANCE.CloseHandle(process);
        }
    }
}
