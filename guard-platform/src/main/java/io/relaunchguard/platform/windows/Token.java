package io.relaunchguard.platform.windows;

import com.sun.jna.Native;
import com.sun.jna.Structure;
import com.sun.jna.platform.win32.Advapi32;
import com.sun.jna.platform.win32.Advapi32Util;
import com.sun.jna.platform.win32.Kernel32;
import com.sun.jna.platform.win32.WinNT;
import com.sun.jna.platform.win32.WinNT.HANDLE;
import com.sun.jna.platform.win32.WinNT.HANDLEByReference;
import com.sun.jna.ptr.IntByReference;
import io.relaunchguard.core.Observation;
import java.util.function.Function;
import java.util.function.IntFunction;

/** The accounts in the access token of a process. */
final class Token {

    private Token() {}

    /** Returns the SID of the account that the process runs as. */
    static Observation<String> account(HANDLE process) {
        return read(
                process,
                WinNT.TOKEN_INFORMATION_CLASS.TokenUser,
                WinNT.TOKEN_USER::new,
                token -> Advapi32Util.convertSidToStringSid(token.User.Sid));
    }

    /** Returns the SID of the owner of the files that the process creates: that of a group if it runs elevated. */
    static Observation<String> owner(HANDLE process) {
        return read(
                process,
                WinNT.TOKEN_INFORMATION_CLASS.TokenOwner,
                WinNT.TOKEN_OWNER::new,
                token -> Advapi32Util.convertSidToStringSid(token.Owner));
    }

    private static <S extends Structure> Observation<String> read(
            HANDLE process, int kind, IntFunction<S> content, Function<S, String> reading) {
        HANDLEByReference token = new HANDLEByReference();
        if (!Advapi32.INSTANCE.OpenProcessToken(process, WinNT.TOKEN_QUERY, token)) {
            return failed();
        }
        try {
            IntByReference length = new IntByReference();
            Advapi32.INSTANCE.GetTokenInformation(token.getValue(), kind, null, 0, length);
            if (length.getValue() == 0) {
                return failed();
            }
            S structure = content.apply(length.getValue());
            return Advapi32.INSTANCE.GetTokenInformation(token.getValue(), kind, structure, length.getValue(), length)
                    ? Observation.seen(reading.apply(structure))
                    : failed();
        } finally {
            Kernel32.INSTANCE.CloseHandle(token.getValue());
        }
    }

    private static Observation<String> failed() {
        return Observation.unknown("its access token cannot be read: " + NativeCalls.meaning(Native.getLastError()));
    }
}
