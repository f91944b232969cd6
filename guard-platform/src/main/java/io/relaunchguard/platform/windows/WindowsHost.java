package io.relaunchguard.platform.windows;

import com.sun.jna.platform.win32.Advapi32Util;
import com.sun.jna.platform.win32.Kernel32Util;
import com.sun.jna.platform.win32.Win32Exception;
import com.sun.jna.platform.win32.WinNT;
import com.sun.jna.platform.win32.WinReg;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.host.HostPort;
import java.nio.ByteBuffer;

/** The identity of this host and the launcher on Windows. */
final class WindowsHost implements HostPort {

    private static final String CRYPTOGRAPHY = "SOFTWARE\\Microsoft\\Cryptography";
    private static final int BOOT_TIME = 0;
    private static final int BOOT_TIME_BIAS = 32;

    @Override
    public HostIdentity read() {
        long self = ProcessHandle.current().pid();
        return new HostIdentity(
                self,
                hostName(),
                SystemInformation.timeOfDay().map(WindowsHost::bootId),
                machineId(),
                Observation.seen(WindowsProcessTable.NAMESPACE),
                Observation.seen("none"),
                OpenProcess.open(self, OpenProcess.LOOK).flatMap(process -> {
                    try (process) {
                        return process.user();
                    }
                }));
    }

    static Observation<String> hostName() {
        try {
            return Observation.seen(Kernel32Util.getComputerName());
        } catch (Win32Exception e) {
            return Observation.unknown("this computer's name cannot be read: " + e.getMessage());
        }
    }

    /**
     * Returns an ID for the boot: the start of the system by the clock of that moment. When the clock is set, the
     * kernel adjusts its boot time and records the adjustment, so the difference stays the same. No two boots share the
     * same 100 nanoseconds.
     */
    static String bootId(ByteBuffer timeOfDay) {
        return Long.toString(timeOfDay.getLong(BOOT_TIME) - timeOfDay.getLong(BOOT_TIME_BIAS));
    }

    private static Observation<String> machineId() {
        try {
            return Observation.seen(Advapi32Util.registryGetStringValue(
                    WinReg.HKEY_LOCAL_MACHINE, CRYPTOGRAPHY, "MachineGuid", WinNT.KEY_WOW64_64KEY));
        } catch (Win32Exception e) {
            return e.getErrorCode() == NativeCalls.ERROR_FILE_NOT_FOUND
                    ? Observation.absent("this machine has no id")
                    : Observation.unknown("the machine's id cannot be read: " + e.getMessage());
        }
    }
}
