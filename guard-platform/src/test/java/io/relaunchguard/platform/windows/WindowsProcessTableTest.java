package io.relaunchguard.platform.windows;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.platform.StartedProcesses.Conversation;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Tag("windows")
class WindowsProcessTableTest {

    @RegisterExtension
    final StartedProcesses processes = new StartedProcesses();

    @TempDir
    Path profile;

    @TempDir
    Path elsewhere;

    private WindowsProcessTable table() {
        return new WindowsProcessTable(profile);
    }

    @Tag("H06")
    @Test
    void knowsItselfAndWhatItStarted() {
        long self = ProcessHandle.current().pid();
        Conversation child = processes.jvm(WindowsChild.class, "parent", "live");
        long grandchild = Long.parseLong(child.hear());
        child.hear();

        assertThat(lineage(self)).isEqualTo(Observation.seen(Lineage.SELF));
        assertThat(lineage(child.process().pid())).isEqualTo(Observation.seen(Lineage.DESCENDANT));
        assertThat(lineage(grandchild)).isEqualTo(Observation.seen(Lineage.DESCENDANT));
    }

    @Test
    void knowsTheProcessThatStartedIt() {
        Conversation child = processes.jvm(
                WindowsChild.class, "look", ProcessHandle.current().pid());

        assertThat(child.hear()).contains("lineage=Seen[value=ANCESTOR]");
    }

    @Tag("H16")
    @Test
    void findsTheHelpersThatUseTheProfileAndNobodyElse() {
        Conversation holder = processes.jvm(WindowsChild.class, "family", profile, elsewhere);
        String helper = holder.hear();

        assertThat(holder.hear()).isEqualTo("[" + helper + "]");
    }

    @Test
    void hasOnePidNamespace() {
        assertThat(table().namesakeInOtherNamespace(4711)).isInstanceOf(Observation.Absent.class);
        assertThat(lookAtSelf().pidNamespace())
                .isEqualTo(new WindowsHost().read().pidNamespace());
    }

    @Test
    void readsTheKernelsListAsTheOtherCallsDo() {
        OpenProcess self = OpenProcess.open(ProcessHandle.current().pid(), OpenProcess.LOOK)
                .toOptional()
                .orElseThrow();
        try (self) {
            ProcessSnapshot.Entry entry = SystemInformation.processes()
                    .flatMap(all -> all.find(self.pid(), self.created()))
                    .toOptional()
                    .orElseThrow();
            assertThat(entry.parent())
                    .isEqualTo(ProcessHandle.current()
                            .parent()
                            .map(ProcessHandle::pid)
                            .orElse(entry.parent()));
            assertThat(entry.suspended()).isFalse();
        }
    }

    private Observation<Lineage> lineage(long pid) {
        return table().look(pid).flatMap(ProcessIdentity::lineage);
    }

    private ProcessIdentity lookAtSelf() {
        return table().look(ProcessHandle.current().pid()).toOptional().orElseThrow();
    }
}
