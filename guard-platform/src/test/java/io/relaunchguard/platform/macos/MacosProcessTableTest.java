package io.relaunchguard.platform.macos;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MacosProcessTableTest {

    private static final int SELF = (int) ProcessHandle.current().pid();
    private static final int HOLDER = SELF + 1;
    private static final int HELPER = SELF + 2;

    @TempDir
    Path profile;

    private final FakeXnu kernel = new FakeXnu();
    private MacosProcessTable table;
    private FakeXnu.Task holder;

    @BeforeEach
    void start() {
        table = new MacosProcessTable(kernel, profile);
        kernel.start(1, 0);
        kernel.start(SELF, 1);
        holder = kernel.start(HOLDER, 1);
    }

    @AfterEach
    void nothingIsLeftOpen() {
        assertThat(kernel.open).isEmpty();
    }

    @Tag("H15")
    @Test
    void readsAnIdentityWhateverThePathOfTheProgram() {
        holder.start = 1_790_000_000_000_042L;

        assertThat(table.look(HOLDER))
                .isEqualTo(Observation.seen(new ProcessIdentity(
                        HOLDER,
                        "1790000000000042",
                        ExecutionState.RUNNING,
                        Observation.seen("501"),
                        Observation.seen("macos"),
                        Observation.seen(
                                "/private/var/folders/zz/T/AppTranslocation/0F7E/d/App.app/Contents/MacOS/App"),
                        Observation.seen(Lineage.UNRELATED))));
    }

    @ParameterizedTest
    @CsvSource({"1, 0, RUNNING", "2, 0, RUNNING", "3, 2, RUNNING", "4, 0, STOPPED", "4, 2, TRACED", "5, 0, EXITED"})
    void tellsWhatItIsDoing(int status, int flags, ExecutionState state) {
        holder.status = status;
        holder.flags = flags;

        assertThat(identity(HOLDER).state()).isEqualTo(state);
    }

    @Tag("H13")
    @Test
    void whatIsFoundAmongTheZombiesAloneHasExitedWhateverItsStatusSaysYet() {
        kernel.exit(holder, false);

        assertThat(holder.status).isEqualTo(2);
        assertThat(identity(HOLDER).state()).isEqualTo(ExecutionState.EXITED);
    }

    @Tag("H12")
    @Test
    void anotherUsersProcessIsUnknownAndAMissingOneAbsent() {
        holder.hidden = true;

        assertThat(table.look(HOLDER)).isInstanceOf(Observation.Unknown.class);
        assertThat(table.look(HELPER)).isInstanceOf(Observation.Absent.class);
        assertThat(table.namesakeInOtherNamespace(HOLDER)).isInstanceOf(Observation.Absent.class);
    }

    @Test
    void namesEveryUserOfAProcessThatHasSeveral() {
        holder.effectiveUser = -2;

        assertThat(identity(HOLDER).user()).isEqualTo(Observation.seen("501/4294967294/4294967294"));
    }

    @Tag("H06")
    @Test
    void knowsItsOwnLine() {
        kernel.start(HELPER, SELF);
        FakeXnu.Task parent = kernel.start(HELPER + 1, 1);
        kernel.tasks.put(SELF, kernel.new Task(SELF, parent.pid));

        assertThat(identity(SELF).lineage()).isEqualTo(Observation.seen(Lineage.SELF));
        assertThat(identity(HELPER).lineage()).isEqualTo(Observation.seen(Lineage.DESCENDANT));
        assertThat(identity(parent.pid).lineage()).isEqualTo(Observation.seen(Lineage.ANCESTOR));
        assertThat(identity(HOLDER).lineage()).isEqualTo(Observation.seen(Lineage.UNRELATED));
        kernel.start(HELPER + 2, HELPER + 3);
        assertThat(identity(HELPER + 2).lineage()).isInstanceOf(Observation.Unknown.class);
    }

    @Tag("H16")
    @Test
    void findsTheHelpersByTheirOpenFilesInAnyCase() throws Exception {
        FakeXnu.Task helper = kernel.start(HELPER, HOLDER);
        FakeXnu.Task other = kernel.start(HELPER + 1, HOLDER);
        FakeXnu.Task stranger = kernel.start(HELPER + 2, 1);
        String below = profile.toRealPath().toString();
        for (int file = 3; file < 600; file++) {
            helper.files.put(file, "/dev/null");
        }
        helper.files.put(601, below.toUpperCase(Locale.ROOT) + "/Cookies");
        other.files.put(3, below + "-2/Cookies");
        other.files.put(4, below);
        stranger.files.put(3, below + "/Cookies");

        assertThat(pids(pin -> table.helpersOf(pin))).containsExactly((long) HELPER);
    }

    @Tag("H41")
    @Test
    void listsTheStartsOfAllOtherProcesses() {
        kernel.start(HELPER, 1);

        assertThat(table.others())
                .containsEntry((long) HELPER, identity(HELPER).start())
                .containsKey((long) HOLDER)
                .doesNotContainKey((long) SELF);
    }

    @Tag("H41")
    @Test
    void takesTheGuardsOwnFilesForNoUse() throws Exception {
        String below = profile.toRealPath().toString();
        FakeXnu.Task launcher = kernel.start(HELPER, 1);
        launcher.files.put(3, below + "/RelaunchGuard.lock");
        assertThat(table.usesProfile(HELPER)).isEqualTo(Observation.seen(false));

        launcher.files.put(4, below + "/Cache/RelaunchGuard.lock");
        assertThat(table.usesProfile(HELPER)).isEqualTo(Observation.seen(true));
    }

    @Tag("H16")
    @Test
    void findsTheStoppedHelpersOfItsSession() {
        kernel.start(HELPER, HOLDER).status = 4;
        FakeXnu.Task ofAShell = kernel.start(HELPER + 1, HOLDER);
        ofAShell.status = 4;
        ofAShell.session = 2;
        kernel.start(HELPER + 2, HOLDER);

        assertThat(pids(pin -> table.stoppedHelpersOf(pin))).containsExactly((long) HELPER);
    }

    @Tag("H02")
    @Test
    void takesNoHelperWhosePidWasTakenSinceItWasListed() {
        boolean replacedBeforeAnyCall = false;
        for (int at = 0; at < 60; at++) {
            FakeXnu.Task helper = kernel.start(HELPER, HOLDER);
            helper.status = 4;
            try (PinnedProcess pin = table.pin(HOLDER).toOptional().orElseThrow()) {
                int[] left = {at};
                kernel.before = call -> {
                    if (left[0]-- == 0) {
                        kernel.exit(helper, true);
                        kernel.start(HELPER, 1).status = 4;
                    }
                };

                List<PinnedProcess> found = table.stoppedHelpersOf(pin);
                replacedBeforeAnyCall |= found.isEmpty() && left[0] < 0;
                found.forEach(PinnedProcess::forceExit);
                found.forEach(PinnedProcess::close);

                assertThat(kernel.delivered).allMatch(signal -> signal.equals("9 to " + helper));
            }
            kernel.before = call -> {};
            kernel.delivered.clear();
        }
        assertThat(replacedBeforeAnyCall).isTrue();
    }

    private List<Long> pids(Function<PinnedProcess, List<PinnedProcess>> helpers) {
        try (PinnedProcess pin = table.pin(HOLDER).toOptional().orElseThrow()) {
            List<PinnedProcess> found = helpers.apply(pin);
            found.forEach(PinnedProcess::close);
            return found.stream().map(PinnedProcess::pid).toList();
        }
    }

    private ProcessIdentity identity(int pid) {
        return table.look(pid).toOptional().orElseThrow();
    }
}
