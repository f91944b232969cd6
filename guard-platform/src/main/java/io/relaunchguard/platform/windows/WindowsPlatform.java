package io.relaunchguard.platform.windows;

import com.sun.jna.platform.win32.Kernel32;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.Platform;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.platform.file.FileHistoryStore;
import io.relaunchguard.platform.file.FileMarkerStore;
import io.relaunchguard.platform.file.FileThreadDumpStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The platform for 64-bit Windows. Found by {@link java.util.ServiceLoader}. */
public final class WindowsPlatform implements Platform {

    @Override
    public String name() {
        return "Windows";
    }

    @Override
    public String pinning() {
        return "process handle";
    }

    /**
     * {@inheritDoc}
     *
     * <p>A 32-bit system has other kernel structures.
     */
    @Override
    public boolean isCurrent() {
        return isCurrent(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    }

    static boolean isCurrent(String system, String architecture) {
        return system.startsWith("Windows") && (architecture.equals("amd64") || architecture.equals("aarch64"));
    }

    @Override
    public Path cacheDirectory() {
        return cacheDirectory(System.getenv("LOCALAPPDATA"), System.getProperty("user.home"));
    }

    static Path cacheDirectory(@Nullable String localApplicationData, String home) {
        return localApplicationData != null && !localApplicationData.isEmpty()
                ? Path.of(localApplicationData)
                : Path.of(home, "AppData", "Local");
    }

    @Override
    public ProfilePorts open(Path profile) {
        WindowsFiles files = new WindowsFiles(WindowsPlatform::trust);
        return new ProfilePorts(
                profile,
                new WindowsHost(),
                new WindowsProcessTable(profile),
                new LockfileStore(
                        profile,
                        WindowsHost::hostName,
                        List.of(RestartManager::holderOf, OpenFiles::holderOf),
                        new WindowsClock()),
                new NoInstanceRecord(),
                new FileMarkerStore(profile, files),
                new MutexLaunchLock(profile, () -> Token.account(Kernel32.INSTANCE.GetCurrentProcess())),
                new FileHistoryStore(profile, files),
                new FileThreadDumpStore(profile, files),
                new WindowsClock());
    }

    @Override
    public long startDetached(List<String> command, Path directory) throws IOException {
        return DetachedProcess.start(command, directory);
    }

    /**
     * {@inheritDoc}
     *
     * <p>Windows tells every window that the session ends. AWT's own window then runs the shutdown hooks, but the window of
     * Chromium's status tray ends the process at once. In a process with AWT, that window no longer hears it, nor a click
     * on an icon in the tray, which CEF has none of.
     */
    @Override
    public void leaveSessionEndToHooks() {
        OwnWindows.of(ProcessHandle.current().pid()).leaveSessionEndToAwt();
    }

    private static Observation<FileTrust> trust() {
        return Token.account(Kernel32.INSTANCE.GetCurrentProcess())
                .flatMap(account ->
                        Token.owner(Kernel32.INSTANCE.GetCurrentProcess()).map(owner -> new FileTrust(account, owner)));
    }
}
