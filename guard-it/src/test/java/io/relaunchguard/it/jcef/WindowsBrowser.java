package io.relaunchguard.it.jcef;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.platform.win32.Kernel32;
import com.sun.jna.platform.win32.User32;
import com.sun.jna.platform.win32.WinDef.DWORDByReference;
import com.sun.jna.platform.win32.WinDef.HWND;
import com.sun.jna.platform.win32.WinDef.LPARAM;
import com.sun.jna.platform.win32.WinDef.WPARAM;
import com.sun.jna.platform.win32.WinNT.HANDLE;
import com.sun.jna.platform.win32.WinUser;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.win32.StdCallLibrary;
import com.sun.jna.win32.W32APIOptions;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.MarkerWriter;
import io.relaunchguard.statemachine.RelaunchHandoff;
import java.awt.EventQueue;
import java.awt.Toolkit;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.swing.JFrame;
import org.cef.CefApp;
import org.cef.CefApp.CefAppState;
import org.cef.CefSettings;
import org.cef.SystemBootstrap;
import org.cef.handler.CefAppHandlerAdapter;

/**
 * A Windows JVM with AWT and the CEF of Maven Central, 108, in it. JCEF of that version does not offer the Chrome runtime, so that is
 * asked of CEF itself: with it CEF keeps a lock, as it does in every JCEF from 120 on.
 *
 * <p>Says what it does line by line. It reads nothing: once CEF is initialised, Wine refuses to read the JVM's input.
 */
public final class WindowsBrowser {

    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    /** What the child processes of CEF would do runs in the JVM, as far as CEF has a switch for it: under Wine 8 they end at once. */
    private static final List<String> SWITCHES = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--in-process-gpu",
            "--disable-background-networking",
            "--no-first-run",
            "--enable-features=NetworkServiceInProcess2");

    private static final int WM_QUERYENDSESSION = 0x0011;
    private static final int WM_ENDSESSION = 0x0016;

    private static final Duration TO_CLOSE = Duration.ofSeconds(20);

    private final Path cef;
    private final Path profile;

    private WindowsBrowser(Path cef, Path profile) {
        this.cef = cef;
        this.profile = profile;
    }

    /** The arguments that make the main method play this part. */
    static List<String> arguments(String part, String cef, String profile) {
        List<String> arguments = new ArrayList<>(List.of(part, cef, profile));
        // CEF reads the command line of the JVM.
        arguments.addAll(SWITCHES);
        arguments.add("--browser-subprocess-path=" + cef + "\\jcef_helper.exe");
        return arguments;
    }

    public static void main(String[] arguments) throws Exception {
        WindowsBrowser browser = new WindowsBrowser(Path.of(arguments[1]), Path.of(arguments[2]));
        switch (arguments[0]) {
            case "closes" -> browser.chromeRuntime(() -> {});
            case "hangs" -> browser.chromeRuntime(() -> hang(browser));
            case "is suspended" -> browser.chromeRuntime(() -> suspend(browser));
            case "jcef" -> browser.jcef();
            case "request" -> browser.request(Long.parseLong(arguments[3]));
            case "end the session" -> endSession(Long.parseLong(arguments[3]));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    /**
     * CEF with the Chrome runtime: without a page, and closed by a hook, as an application's context would do it.
     *
     * @param fault runs in the thread of its user interface
     */
    private void chromeRuntime(Runnable fault) {
        Toolkit.getDefaultToolkit().getScreenSize();
        System.load(file("chrome_elf.dll"));
        NativeLibrary library = NativeLibrary.getInstance(file("libcef.dll"));
        try (Settings settings = new Settings()) {
            settings.text(Settings.BROWSER_SUBPROCESS_PATH, file("jcef_helper.exe"))
                    .text(Settings.CACHE_PATH, profile.toString())
                    .text(Settings.ROOT_CACHE_PATH, profile.toString())
                    .text(Settings.USER_DATA_PATH, profile.toString())
                    .text(Settings.RESOURCES_DIR_PATH, cef.toString())
                    .text(Settings.LOCALES_DIR_PATH, file("locales"))
                    .number(Settings.NO_SANDBOX, 1)
                    .number(Settings.CHROME_RUNTIME, 1);
            Memory program = new Memory(Native.POINTER_SIZE);
            program.setPointer(0, Kernel32.INSTANCE.GetModuleHandle(null).getPointer());
            Object[] parameters = {program, settings.memory, null, null};
            if (library.getFunction("cef_initialize").invokeInt(parameters) != 1) {
                throw new IllegalStateException("CEF cannot be initialised");
            }
        }
        CountDownLatch close = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            OUT.println("hook");
            close.countDown();
            OUT.println(happens(closed) ? "disposed" : "not disposed");
        }));
        RelaunchHandoff.installGracefulTermination();
        OUT.println("ready " + ProcessHandle.current().pid());
        fault.run();
        Function work = library.getFunction("cef_do_message_loop_work");
        while (close.getCount() > 0) {
            work.invokeVoid(new Object[0]);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        library.getFunction("cef_shutdown").invokeVoid(new Object[0]);
        closed.countDown();
    }

    /** The rest of CEF has threads of its own, which go on. */
    private static void hang(WindowsBrowser browser) {
        browser.consent();
        OUT.println("hangs");
        while (true) {
            LockSupport.park();
        }
    }

    private static void suspend(WindowsBrowser browser) {
        browser.consent();
        OUT.println("is suspended");
        Suspension.INSTANCE.NtSuspendProcess(Kernel32.INSTANCE.GetCurrentProcess());
    }

    private void consent() {
        try {
            new MarkerWriter(LaunchGuard.currentPlatform().open(profile))
                    .write(ProcessHandle.current().pid(), "1", "2", Duration.ofSeconds(10));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** JCEF as it is, in an application with a window: it has no Chrome runtime, and so no lock. */
    private void jcef() throws Exception {
        System.loadLibrary("jawt");
        for (String library : List.of("chrome_elf", "libcef", "jcef")) {
            System.load(file(library + ".dll"));
        }
        SystemBootstrap.setLoader(library -> {});
        String[] switches = SWITCHES.toArray(String[]::new);
        if (!CefApp.startup(switches)) {
            throw new IllegalStateException("JCEF cannot be started");
        }
        CefSettings settings = new CefSettings();
        settings.windowless_rendering_enabled = false;
        settings.cache_path = profile.toString();
        settings.browser_subprocess_path = file("jcef_helper.exe");
        settings.resources_dir_path = cef.toString();
        settings.locales_dir_path = file("locales");
        CountDownLatch initialized = new CountDownLatch(1);
        CountDownLatch terminated = new CountDownLatch(1);
        CefApp.addAppHandler(new CefAppHandlerAdapter(switches) {
            @Override
            public void stateHasChanged(CefAppState state) {
                if (state == CefAppState.INITIALIZED) {
                    initialized.countDown();
                } else if (state == CefAppState.TERMINATED) {
                    terminated.countDown();
                }
            }
        });
        CefApp app = CefApp.getInstance(switches, settings);
        app.createClient();
        if (!happens(initialized)) {
            throw new IllegalStateException("JCEF is not initialised");
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            OUT.println("hook");
            app.dispose();
            OUT.println(happens(terminated) ? "disposed" : "not disposed");
        }));
        EventQueue.invokeAndWait(() -> {
            JFrame window = new JFrame("Launcher");
            window.setDefaultCloseOperation(JFrame.DO_NOTHING_ON_CLOSE);
            window.addWindowListener(new WindowAdapter() {
                @Override
                public void windowClosing(WindowEvent event) {
                    OUT.println("windowClosing");
                    // In a thread of its own: to dispose of CEF needs the one that this is.
                    new Thread(() -> System.exit(0)).start();
                }
            });
            window.setSize(300, 200);
            window.setVisible(true);
        });
        OUT.println("ready " + ProcessHandle.current().pid());
    }

    /** Asks a process once, as a launch does. */
    private void request(long pid) {
        try (PinnedProcess pin = LaunchGuard.currentPlatform()
                .open(profile)
                .processes()
                .pin(pid)
                .toOptional()
                .orElseThrow()) {
            OUT.println(pin.requestExit());
        }
    }

    /** Asks each window of a process, then tells each: Chromium's before AWT's, as that is the order in which they are listed. */
    private static void endSession(long pid) {
        List<HWND> windows = new ArrayList<>();
        User32.INSTANCE.EnumWindows(
                (window, unused) -> {
                    IntByReference owner = new IntByReference();
                    User32.INSTANCE.GetWindowThreadProcessId(window, owner);
                    if (owner.getValue() == pid) {
                        windows.add(window);
                        OUT.println(type(window));
                    }
                    return true;
                },
                null);
        for (int message : List.of(WM_QUERYENDSESSION, WM_ENDSESSION)) {
            for (HWND window : windows) {
                User32.INSTANCE.SendMessageTimeout(
                        window,
                        message,
                        new WPARAM(message == WM_ENDSESSION ? 1 : 0),
                        new LPARAM(0),
                        WinUser.SMTO_ABORTIFHUNG,
                        (int) TO_CLOSE.toMillis(),
                        new DWORDByReference());
            }
        }
    }

    private static String type(HWND window) {
        char[] name = new char[257];
        return new String(name, 0, User32.INSTANCE.GetClassName(window, name, name.length));
    }

    private String file(String name) {
        return cef.resolve(name).toString();
    }

    private static boolean happens(CountDownLatch event) {
        try {
            return event.await(TO_CLOSE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** {@code cef_settings_t} of CEF 108, as it lies in a 64-bit process: see cef_types.h. */
    private static final class Settings implements AutoCloseable {

        static final int NO_SANDBOX = 8;
        static final int BROWSER_SUBPROCESS_PATH = 16;
        static final int CHROME_RUNTIME = 88;
        static final int CACHE_PATH = 112;
        static final int ROOT_CACHE_PATH = 136;
        static final int USER_DATA_PATH = 160;
        static final int RESOURCES_DIR_PATH = 320;
        static final int LOCALES_DIR_PATH = 344;

        private static final int SIZE = 440;

        final Memory memory = new Memory(SIZE);
        private final List<Memory> texts = new ArrayList<>();

        Settings() {
            memory.clear();
            memory.setLong(0, SIZE);
        }

        Settings number(int offset, int value) {
            memory.setInt(offset, value);
            return this;
        }

        Settings text(int offset, String value) {
            Memory text = new Memory(2L * (value.length() + 1));
            text.clear();
            text.write(0, value.toCharArray(), 0, value.length());
            texts.add(text);
            memory.setPointer(offset, text);
            memory.setLong(offset + (long) Native.POINTER_SIZE, value.length());
            return this;
        }

        @Override
        public void close() {
            texts.forEach(Memory::close);
            memory.close();
        }
    }

    /** What a debugger or a task manager may do to a process. */
    interface Suspension extends StdCallLibrary {

        Suspension INSTANCE = Native.load("ntdll", Suspension.class, W32APIOptions.DEFAULT_OPTIONS);

        int NtSuspendProcess(HANDLE process);
    }
}
