package io.relaunchguard.core.launch;

import io.relaunchguard.core.ShellWord;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.core.safety.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The explanation of a launch for users.
 *
 * @param summary one or two sentences: what was found, what was done and deliberately not done
 * @param advice what to do now; empty if READY
 */
public record Explanation(String summary, String advice) {

    /**
     * What the explanation is about.
     *
     * @param verdict the last judgement on the holder
     * @param holderExited whether the exit of the pinned holder was seen
     * @param cache the last observed status of the profile
     * @param removed the stale lock that was removed
     * @param blocked what, besides the lock, kept the profile from being used
     * @param survivors the processes that keep the profile in use because they outlived their holder
     * @param files the files to remove for a user who is sure that the profile is not in use
     * @param threadDump what the threads of the ended instance were doing
     */
    public record Story(
            Outcome outcome,
            Optional<Verdict> verdict,
            boolean holderExited,
            Optional<CacheStatus> cache,
            Optional<CacheStatus.Stale> removed,
            Optional<String> blocked,
            List<Long> survivors,
            List<String> files,
            List<SentSignal> signals,
            List<String> faults,
            Optional<Path> threadDump) {}

    /** Explains a launch. */
    public static Explanation of(Story story) {
        Explanation told = withoutThreadDump(story);
        return story.threadDump()
                .map(file -> new Explanation(
                        "%s A thread dump of the previous instance at its deadline is in %s."
                                .formatted(told.summary(), file),
                        told.advice()))
                .orElse(told);
    }

    private static Explanation withoutThreadDump(Story story) {
        return switch (story.outcome()) {
            case READY -> new Explanation(ready(story), "");
            case HELD -> held(story);
            case FAILED ->
                new Explanation(
                        "The launch guard failed and could not show that the profile is free: "
                                + String.join("; ", story.faults())
                                + ". From then on it signalled no process and removed no lock.",
                        "Fix the cause, then start again."
                                + (story.files().isEmpty()
                                        ? ""
                                        : " If you are sure that no other instance is running, run this command first: "
                                                + removal(story.files())));
        };
    }

    private static String ready(Story story) {
        String ended = story.verdict()
                .filter(verdict -> verdict instanceof Verdict.Reap && story.holderExited())
                .map(verdict -> ended(((Verdict.Reap) verdict).holder(), story.signals()))
                .or(() -> story.removed().map(stale -> "The guard removed a stale lock: %s.".formatted(stale.proof())))
                .orElse("No other process holds the profile.");
        return story.faults().isEmpty()
                ? ended
                : ended + " The launch guard failed on the way, but no lock is present: "
                        + String.join("; ", story.faults()) + ".";
    }

    private static String ended(ProcessIdentity holder, List<SentSignal> signals) {
        if (sent(signals, Signal.KILL)) {
            return "The previous instance, process %d, had consented to end but did not follow the request, so the guard ended it by force."
                    .formatted(holder.pid());
        }
        return sent(signals, Signal.TERM)
                ? "The previous instance, process %d, had consented to end and ended when the guard asked it to."
                        .formatted(holder.pid())
                : "The previous instance, process %d, ended by itself.".formatted(holder.pid());
    }

    private static Explanation held(Story story) {
        if (story.blocked().isPresent()) {
            return new Explanation(
                    "The profile is not free: %s.".formatted(story.blocked().get()),
                    "Wait until this has ended, or close the running instance, then start again."
                            + (story.survivors().isEmpty()
                                    ? ""
                                    : " If these processes do not end, check what they are and end them: kill "
                                            + story.survivors().stream()
                                                    .map(String::valueOf)
                                                    .collect(Collectors.joining(" "))));
        }
        CacheStatus cache = story.cache().orElse(new CacheStatus.Uncertain("the guard has not read the lock"));
        if (cache instanceof CacheStatus.InUse inUse) {
            return inUse(story, inUse.holder());
        }
        if (cache instanceof CacheStatus.Stale stale) {
            return new Explanation(
                    "The lock is stale (%s), but the guard could not remove it.".formatted(stale.proof()),
                    "Check that you may write to the profile directory, then start again.");
        }
        String reason =
                cache instanceof CacheStatus.Uncertain uncertain ? uncertain.reason() : "the lock keeps changing";
        return new Explanation(
                "The guard cannot tell whether another instance uses the profile: %s.%s"
                        .formatted(
                                reason,
                                story.signals().isEmpty() && story.removed().isEmpty()
                                        ? " It signalled no process and removed no lock."
                                        : signals(story.signals())),
                story.files().isEmpty()
                        ? "Close the other instance if there is one, then start again."
                        : "Close the other instance if there is one. If you are sure that there is none, run this command and"
                                + " start again: " + removal(story.files()));
    }

    private static Explanation inUse(Story story, ProcessIdentity holder) {
        String who = "Process %d%s holds the profile"
                .formatted(
                        holder.pid(),
                        holder.executable().toOptional().map(" (%s)"::formatted).orElse(""));
        if (sent(story.signals(), Signal.KILL)) {
            return new Explanation(
                    "%s. It had consented to end and the guard used force, but it has not exited (%s)."
                            .formatted(who, holder.state()),
                    "It is probably waiting for a device or a network share. Restart the computer if it does not go away.");
        }
        String spared = story.verdict()
                .filter(Verdict.Spare.class::isInstance)
                .map(verdict -> " The guard did not end it, because %s."
                        .formatted(((Verdict.Spare) verdict).reason().detail()))
                .orElse("");
        return new Explanation(
                who + "." + spared + signals(story.signals()),
                "Switch to the running instance, or close it, then start again.");
    }

    private static String signals(List<SentSignal> signals) {
        return listed(" Sent before: %s.", signals, SentSignal.Result.DELIVERED)
                + listed(" Could not be sent: %s.", signals, SentSignal.Result.REFUSED);
    }

    private static String listed(String sentence, List<SentSignal> signals, SentSignal.Result result) {
        String list = signals.stream()
                .filter(signal -> signal.result() == result)
                .map(signal ->
                        "SIG" + signal.signal() + (signal.detail().isEmpty() ? "" : " (%s)".formatted(signal.detail())))
                .collect(Collectors.joining(", "));
        return list.isEmpty() ? "" : sentence.formatted(list);
    }

    /**
     * Returns the command that removes the files, for a POSIX shell or for that of Windows. It asks for no
     * confirmation: the user is told to run it only when sure. It removes a directory in place of a file, too.
     */
    private static String removal(List<String> files) {
        boolean isWindows = !files.get(0).startsWith("/");
        return files.stream()
                .map(file -> isWindows ? "\"" + file + "\"" : ShellWord.quoted(file))
                .collect(Collectors.joining(" ", isWindows ? "del " : "rm -rf ", ""));
    }

    private static boolean sent(List<SentSignal> signals, Signal signal) {
        return signals.stream()
                .anyMatch(sent -> sent.signal() == signal && sent.result() == SentSignal.Result.DELIVERED);
    }
}
