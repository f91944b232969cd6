package io.relaunchguard.platform.windows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.jna.platform.win32.Shell32Util;
import io.relaunchguard.platform.StartedProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Tag("windows")
class DetachedProcessTest {

    private static final List<String> WORDS = List.of(
            "plain",
            "",
            "with space",
            "a\"quote",
            "\\",
            "C:\\ends with\\",
            "\\\\server\\share\\\"quoted\\\\\" and more",
            "%PATH% ^& | <x>",
            "tab\there",
            "\u00e4\u00f6\u00fc \u65e5\u672c");

    @RegisterExtension
    final StartedProcesses processes = new StartedProcesses();

    @TempDir
    Path directory;

    @Test
    void writesWhatWindowsTakesApartTheSameWay() {
        List<String> command = new ArrayList<>(List.of("C:\\Program Files\\An App\\app.exe"));
        command.addAll(WORDS);

        assertThat(Shell32Util.CommandLineToArgv(CommandLineText.of(command))).containsExactlyElementsOf(command);
    }

    @Test
    void handsEveryArgumentOver() throws IOException {
        Path told = directory.resolve("told");
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                WindowsChild.class.getName(),
                "arguments",
                told.toString()));
        List<String> words = WORDS.stream()
                .filter(word -> word.chars().allMatch(c -> c < 128))
                .toList();
        command.addAll(words);

        long pid = new WindowsPlatform().startDetached(command, directory);
        processes.know(pid);

        await().until(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
        assertThat(Files.readAllLines(told)).containsExactlyElementsOf(words);
    }

    @Test
    void saysWhatCannotBeStarted() {
        assertThatThrownBy(() -> new WindowsPlatform().startDetached(List.of("no-such-program"), directory))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("\"no-such-program\" cannot be started")
                .hasMessageContaining("error 2");
    }

    @Test
    void startsNoBatchFile() {
        assertThatThrownBy(() -> new WindowsPlatform().startDetached(List.of("update.CMD", "a"), directory))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("batch file");
    }
}
