package io.relaunchguard.platform.posix;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;

/** Paths as bytes, as the kernel stores them, whatever encoding of file names this JVM uses. */
public final class PathBytes {

    private PathBytes() {}

    /**
     * Returns the bytes of the absolute path. {@link Path#toUri} escapes the raw bytes of a path; unescaping restores
     * exactly these.
     */
    public static byte[] of(Path path) {
        // The URI of a directory ends with a slash.
        String escaped = path.toUri().getRawPath().replaceFirst("(?<=.)/$", "");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < escaped.length(); i++) {
            if (escaped.charAt(i) == '%') {
                bytes.write(Integer.parseInt(escaped.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.write(escaped.charAt(i));
            }
        }
        return bytes.toByteArray();
    }

    /** Returns the bytes after the last slash of the absolute path. */
    static byte[] ofName(Path path) {
        byte[] whole = of(path);
        int start = whole.length;
        while (start > 0 && whole[start - 1] != '/') {
            start--;
        }
        return Arrays.copyOfRange(whole, start, whole.length);
    }
}
