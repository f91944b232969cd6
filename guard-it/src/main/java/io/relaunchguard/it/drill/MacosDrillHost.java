package io.relaunchguard.it.drill;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.NativeLongByReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The drill's host on macOS. It works with signals. */
final class MacosDrillHost extends PosixDrillHost {

    private static final int SIGSTOP = 17;
    private static final int NOBODY = -2;
    private static final int RELEASE_BYTES = 64;

    MacosDrillHost() {
        super(SIGSTOP);
    }

    @Override
    public String system() {
        byte[] release = new byte[RELEASE_BYTES];
        NativeLongByReference size = new NativeLongByReference(new NativeLong(RELEASE_BYTES));
        LibC.INSTANCE.sysctlbyname("kern.osrelease", release, size, null, new NativeLong(0));
        return "macOS %s, Darwin %s"
                .formatted(
                        System.getProperty("os.version"), Native.toString(release, StandardCharsets.US_ASCII.name()));
    }

    @Override
    public boolean canHang() {
        return false;
    }

    @Override
    public void hang(long pid) throws IOException {
        throw new IOException("one thread alone cannot be stopped on macOS without a debugger's rights");
    }

    /** Does nothing: the drill ends its holders by itself. */
    @Override
    public void endWithParent() {}

    @Override
    public int nobody() {
        return NOBODY;
    }

    @Override
    public List<Path> browsers() {
        return List.of(
                Path.of("/Applications/Chromium.app/Contents/MacOS/Chromium"),
                Path.of("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"));
    }

    private interface LibC extends Library {

        LibC INSTANCE = Native.load("c", LibC.class);

        int sysctlbyname(
                String name,
                byte[] old,
                NativeLongByReference oldSize,
                @Nullable Pointer replacement,
                NativeLong replacementSize);
    }
}
