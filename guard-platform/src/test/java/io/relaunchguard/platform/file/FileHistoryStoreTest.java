package io.relaunchguard.platform.file;

import static io.relaunchguard.platform.file.FileHistoryStore.FILE_NAME;
import static io.relaunchguard.platform.file.FileHistoryStore.FULL;
import static io.relaunchguard.platform.file.FileHistoryStore.OLDER_FILE_NAME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.platform.StartedProcesses.Conversation;
import io.relaunchguard.platform.posix.PosixFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileHistoryStoreTest {

    private static final PosixFiles FILES = new PosixFiles(() -> Observation.unknown("not asked"));

    @RegisterExtension
    final StartedProcesses processes = new StartedProcesses();

    @TempDir
    Path profile;

    private FileHistoryStore history;
    private Path file;
    private Path older;

    @BeforeEach
    void inTheProfile() {
        history = new FileHistoryStore(profile, FILES);
        file = profile.resolve(FILE_NAME);
        older = profile.resolve(OLDER_FILE_NAME);
    }

    @Test
    void keepsLinesOldestFirst() {
        history.append("one");
        history.append("");
        new FileHistoryStore(profile, FILES).append("zwei \u00e4 \ud83d\ude00");

        assertThat(history.lines()).containsExactly("one", "", "zwei \u00e4 \ud83d\ude00");
    }

    @Test
    void isEmptyAndTouchesNothingBeforeTheFirstLine() throws IOException {
        assertThat(history.lines()).isEmpty();
        assertThat(profile).isEmptyDirectory();
    }

    @Test
    void writesRecordsAsRfc7464HasThem() {
        history.append("{}");

        assertThat(file).hasBinaryContent(new byte[] {0x1e, '{', '}', '\n'});
    }

    @Test
    void isForItsOwnerAlone() throws IOException {
        history.append("one");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "a\nb", "\u001ea"})
    void refusesALineThatWouldBeSeveral(String line) {
        assertThatThrownBy(() -> history.append(line)).isInstanceOf(IllegalArgumentException.class);
        assertThat(file).doesNotExist();
    }

    @Test
    @Tag("H28")
    void aLineThatWasLeftUnfinishedIsNeverRead() throws IOException {
        history.append("one");
        history.append("two, left unfinished");
        byte[] whole = Files.readAllBytes(file);
        for (int length = 5; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThat(history.lines()).as("%d bytes", length).containsExactly("one");

            history.append("three");

            assertThat(history.lines()).as("%d bytes", length).containsExactly("one", "three");
        }
    }

    @Test
    void whatWasNotWrittenByItIsPassedOver() throws IOException {
        Files.writeString(file, "somebody's note\n", StandardCharsets.US_ASCII);
        history.append("one");
        Files.write(file, new byte[] {0x1e, (byte) 0xff, '\n', 'x', '\n'}, StandardOpenOption.APPEND);
        history.append("two");

        assertThat(history.lines()).containsExactly("one", "two");
    }

    @Test
    void aFullFileTakesThePlaceOfTheOlderOne() throws IOException {
        String end = "-".repeat(FULL / 2);
        for (int i = 1; i <= 5; i++) {
            history.append(i + end);
        }
        assertThat(history.lines()).containsExactly("3" + end, "4" + end, "5" + end);
        assertThat(Files.size(older)).isBetween((long) FULL, FULL + 10L);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (var files = Files.list(profile)) {
            assertThat(files).containsExactlyInAnyOrder(file, older);
        }
    }

    @Test
    void ofAVastFileTheEndIsRead() throws IOException {
        String end = "-".repeat(FULL);
        for (int i = 0; i < 10; i++) {
            Files.writeString(file, "\u001e" + i + end + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
        assertThat(history.lines()).hasSize(7).last().isEqualTo("9" + end);
    }

    @ParameterizedTest
    @ValueSource(strings = {FILE_NAME, OLDER_FILE_NAME})
    void refusesToReadWhatIsNoFile(String name) throws IOException {
        Path place = profile.resolve(name);
        Files.createDirectory(place);
        assertThatThrownBy(history::lines).hasMessageContaining(place + " is not a regular file");
        Files.delete(place);
        Files.createSymbolicLink(place, Files.writeString(profile.resolve("other"), "\u001eone\n"));
        assertThatThrownBy(history::lines).hasMessageContaining(place + " is not a regular file");
        Files.delete(place);
        StartedProcesses.run("mkfifo", place.toString());
        assertThatThrownBy(history::lines).hasMessageContaining(place + " is not a regular file");
    }

    @Test
    void refusesToWriteToWhatIsNoFile() throws IOException {
        Files.createDirectory(file);
        assertThatThrownBy(() -> history.append("one"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("cannot be written")
                .hasMessageContaining("is not a regular file");
        Files.delete(file);
        Path other = Files.writeString(profile.resolve("other"), "");
        Files.createSymbolicLink(file, other);
        assertThatThrownBy(() -> history.append("one")).hasMessageContaining("is not a regular file");
        Files.delete(file);
        StartedProcesses.run("mkfifo", file.toString());
        assertThatThrownBy(() -> history.append("one")).hasMessageContaining("is not a regular file");
        assertThat(other).isEmptyFile();
    }

    @Test
    void cannotWriteWithoutTheProfile() {
        FileHistoryStore nowhere = new FileHistoryStore(profile.resolve("missing"), FILES);
        assertThat(nowhere.lines()).isEmpty();
        assertThatThrownBy(() -> nowhere.append("one")).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void aLinkInTheOlderFilesPlaceIsReplacedAndNotFollowed() throws IOException {
        Path other = Files.writeString(profile.resolve("other"), "precious");
        Files.createSymbolicLink(older, other);
        history.append("-".repeat(FULL));
        history.append("two");

        assertThat(other).hasContent("precious");
        assertThat(history.lines()).hasSize(2);
    }

    @Test
    void anInterruptThatIsPendingLosesNoLineAndIsKept() {
        Thread.currentThread().interrupt();
        history.append("one");
        List<String> lines = history.lines();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(lines).containsExactly("one");
    }

    /** Long lines, so that many a kill comes in the middle of one. */
    @Test
    @Tag("H28")
    void aKilledWriterLeavesWholeLinesAndRoomForTheNext() throws Exception {
        String end = "-".repeat(60_000);
        for (int round = 0; round < 5; round++) {
            Conversation writer = processes.jvm("-", profile, "append", end, Integer.MAX_VALUE);
            assertThat(writer.hear()).isEqualTo("begun");
            await().until(() -> history.lines().stream().anyMatch(line -> line.endsWith(end)));
            writer.process().destroyForcibly();
            assertThat(writer.process().waitFor(20, TimeUnit.SECONDS)).isTrue();

            assertThat(history.lines()).isNotEmpty().allMatch(line -> line.matches("\\d+-{60000}"));
            history.append("next " + round);
            assertThat(history.lines()).last().isEqualTo("next " + round);
            Files.delete(file);
            Files.deleteIfExists(older);
        }
    }

    @Test
    @Tag("H07")
    void launchersThatWriteAtOnceLoseNoLineWhenAFileIsPutAside() throws Exception {
        int number = 60;
        List<String> ends =
                IntStream.range(0, 6).mapToObj(i -> i + "-".repeat(500)).toList();
        assertThat(ends.size() * number * 500).isBetween(FULL * 5 / 4, FULL * 7 / 4);

        writeAtOnce(ends, number);

        Map<String, List<String>> byWriter = new HashMap<>();
        for (String line : history.lines()) {
            int end = line.indexOf(':');
            byWriter.computeIfAbsent(line.substring(end), ignored -> new ArrayList<>())
                    .add(line.substring(0, end));
        }
        List<String> all = IntStream.range(0, number).mapToObj(String::valueOf).toList();
        assertThat(older).exists();
        assertThat(byWriter).hasSize(ends.size());
        assertThat(byWriter).allSatisfy((writer, lines) -> assertThat(lines).isEqualTo(all));
    }

    @Test
    @Tag("H07")
    void noFullFileIsReplacedByOneThatIsNot() throws Exception {
        List<String> ends =
                IntStream.range(0, 6).mapToObj(i -> i + "-".repeat(8000)).toList();

        writeAtOnce(ends, 500);

        assertThat(Files.size(older)).isGreaterThanOrEqualTo(FULL);
        assertThat(history.lines()).allMatch(line -> line.matches("\\d+:\\d-{8000}"));
    }

    /** Half of the writers are threads here, half are other JVMs; meanwhile it is read and looked at. */
    private void writeAtOnce(List<String> ends, int number) throws InterruptedException, ExecutionException {
        List<Conversation> others = ends.subList(0, ends.size() / 2).stream()
                .map(end -> processes.jvm("-", profile, "append", ":" + end, number))
                .toList();
        others.forEach(other -> assertThat(other.hear()).isEqualTo("begun"));
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<?>> writers = new ArrayList<>();
            for (String end : ends.subList(ends.size() / 2, ends.size())) {
                FileHistoryStore own = new FileHistoryStore(profile, FILES);
                writers.add(threads.submit(() -> {
                    for (int i = 0; i < number; i++) {
                        own.append(i + ":" + end);
                    }
                }));
            }
            Future<?> reader = threads.submit(() -> {
                while (!writers.stream().allMatch(Future::isDone)) {
                    history.lines();
                    assertThat(older)
                            .satisfiesAnyOf(
                                    path -> assertThat(path).doesNotExist(),
                                    path -> assertThat(path.toFile().length()).isGreaterThanOrEqualTo(FULL));
                }
            });
            for (Future<?> writer : writers) {
                writer.get();
            }
            reader.get();
        } finally {
            threads.shutdownNow();
        }
        others.forEach(other -> assertThat(other.hear()).isEqualTo("appended"));
    }

    /** A limit on the size of files stands for a full disk: a write comes to an end in the middle of a line. */
    @Test
    void aLineForWhichThereIsNoRoomIsAnErrorAndIsCancelledByTheNext() throws Exception {
        String end = "-".repeat(9_000);
        Conversation writer = processes.jvm(
                List.of("sh", "-c", "ulimit -f 96; exec \"$0\" \"$@\""), Map.of(), "-", profile, "append", end, 100);
        assertThat(writer.hear()).isEqualTo("begun");
        assertThat(writer.hear()).contains("cannot be written").contains("bytes were written");
        long size = Files.size(file);
        List<String> lines = history.lines();
        assertThat(lines).allMatch(line -> line.endsWith(end));
        assertThat(size).as("with the beginning of one more").isGreaterThan(lines.size() * 9_003L);

        history.append("next");

        assertThat(history.lines())
                .startsWith(lines.toArray(String[]::new))
                .last()
                .isEqualTo("next");
    }
}
