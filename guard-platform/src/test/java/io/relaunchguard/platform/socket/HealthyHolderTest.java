package io.relaunchguard.platform.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.ProcessTable;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.Patience;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.core.secondstart.SecondStartCodec;
import io.relaunchguard.core.secondstart.Silence;
import io.relaunchguard.core.secondstart.Silence.Judgement;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.platform.StartedProcesses.Conversation;
import io.relaunchguard.platform.linux.LinuxPlatform;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A process that holds and listens, does what a healthy one may do, and is idle when it is looked at: it is not to be ended. */
@Tag("H29")
@Tag("H38")
class HealthyHolderTest {

    private static final SecondStart START = new SecondStart(List.of("a"), "/");
    private static final SecondStart LONGEST =
            new SecondStart(List.of("x".repeat(SecondStartCodec.MAX_BYTES - 100)), "");
    private static final Patience SHORT = Patience.forAnswer(Duration.ofMillis(500));
    private static final Patience LONG = Patience.forAnswer(Duration.ofSeconds(30));

    private final SocketSecondStarts port = new SocketSecondStarts();

    @RegisterExtension
    private final StartedProcesses processes = new StartedProcesses();

    @TempDir
    private Path profile;

    @Test
    void oneThatReadsVerySlowlyHasNotReadIt() throws IOException {
        Conversation holder = holder("dawdle", "dawdles");
        for (SecondStart start : List.of(START, LONGEST)) {
            HandOver answer = port.handOver(profile, start, SHORT, heard -> {});
            assertThat(answer).isEqualTo(new HandOver.Unanswered(false, socket(), "the time for its answer is over"));
            assertThat(judge(holder, answer)).isEqualTo(new Judgement.Spared("it has not read the request"));
        }
    }

    @Test
    void oneThatListensAnewWhileItIsAskedIsNotSilent() throws IOException {
        Conversation holder = holder("listen", "SecondStartServer");
        holder.say("hang");
        assertThat(holder.hear()).isEqualTo("hangs");
        CompletableFuture<HandOver> asked =
                CompletableFuture.supplyAsync(() -> port.handOver(profile, START, LONG, heard -> {}));
        await().until(() -> {
            holder.say("starts");
            return holder.hear().equals("1");
        });

        holder.say("relisten");

        assertThat(holder.hear()).isEqualTo("SecondStartServer");
        assertThat(asked.join()).isEqualTo(new HandOver.Refused("it ended the connection without an answer"));
        assertThat(judge(holder, asked.join())).isEqualTo(new Judgement.Spared("it is not known to be silent"));
    }

    /** What the others would be without that one difference. */
    @Test
    void oneThatHasReadItAndIsSilentMayBeAskedAbout() throws IOException {
        Conversation holder = holder("listen", "SecondStartServer");
        holder.say("hang");
        assertThat(holder.hear()).isEqualTo("hangs");
        HandOver answer = port.handOver(profile, START, SHORT, heard -> {});
        assertThat(judge(holder, answer)).isInstanceOf(Judgement.Endable.class);
    }

    private Conversation holder(String habit, String says) {
        Conversation holder = processes.jvm(TalkingJvm.class, profile);
        holder.say(habit);
        assertThat(holder.hear()).isEqualTo(says);
        return holder;
    }

    /** By the kernel's word on this very process, as if it had done nothing for a while after it was asked. */
    private Judgement judge(Conversation holder, HandOver answer) throws IOException {
        ProcessTable table = new LinuxPlatform().open(profile).processes();
        try (PinnedProcess pin = table.pin(holder.process().pid()).toOptional().orElseThrow()) {
            Observation<ProcessIdentity> seen = pin.identity();
            return new Silence(
                            answer,
                            table.listener(socket()),
                            seen.toOptional().orElseThrow(),
                            seen,
                            pin.identity(),
                            Observation.seen(false),
                            Duration.ofSeconds(2))
                    .judge();
        }
    }

    private Path socket() {
        return profile.resolve(SocketDirectory.NAME).resolve("socket");
    }
}
