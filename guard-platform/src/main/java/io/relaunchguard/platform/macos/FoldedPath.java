package io.relaunchguard.platform.macos;

import java.io.IOException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Locale;

/**
 * A directory, to be recognised in the kernel's paths: case and composition of letters do not count, as on most volumes of
 * macOS. On one where they do count, a directory may be taken for another that is written alike. It only tells whose exit is
 * awaited; it never permits anything.
 */
record FoldedPath(String text) {

    /** The directory's real path: {@code /var} is {@code /private/var} for the kernel. */
    static FoldedPath of(Path directory) throws IOException {
        return new FoldedPath(folded(directory.toRealPath().toString()));
    }

    /** Whether this is above the file. */
    boolean isAbove(String file) {
        return folded(file).startsWith(text + "/");
    }

    private static String folded(String path) {
        return Normalizer.normalize(path, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
    }
}
