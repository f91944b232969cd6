package io.relaunchguard.platform.socket;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.platform.unix.LibCAPI;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.Patience;
import io.relaunchguard.core.secondstart.SecondStart;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One side of a second start in a JVM of its own: without a module, as another user, or with descriptors that it uses up. Says
 * what came of each line that it is told: {@code listen}, {@code ask}, {@code exhaust}, {@code free}, {@code become UID},
 * {@code troubles}, {@code starts}.
 */
public final class TalkingJvm {

    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private final Path profile;
    private final SocketSecondStarts port = new SocketSecondStarts();
    private final Application application = new Application();
    private final List<FileInputStream> files = new ArrayList<>();

    private TalkingJvm(Path profile) {
        this.profile = profile;
    }

    /** The calls that change the user. */
    public interface Users extends LibCAPI, Library {}

    public static void main(String[] arguments) throws IOException {
        TalkingJvm jvm = new TalkingJvm(Path.of(arguments[0]));
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            OUT.println(jvm.follow(line.split(" ", -1)));
        }
    }

    private String follow(String[] words) {
        return switch (words[0]) {
            case "listen" -> listen();
            case "ask" -> ask().toString();
            case "exhaust" -> exhaust();
            case "free" -> free();
            case "become" -> become(Integer.parseInt(words[1]));
            case "troubles" -> application.troubles.size() + " " + application.failures.size();
            case "starts" -> Integer.toString(application.starts.size());
            default -> throw new IllegalArgumentException(words[0]);
        };
    }

    private String listen() {
        try {
            return port.listen(profile, application).getClass().getSimpleName();
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    private HandOver ask() {
        return port.handOver(
                profile, new SecondStart(List.of("a"), "/"), Patience.forAnswer(Duration.ofSeconds(2)), answer -> {});
    }

    /** Takes every descriptor that there is. The classes that are needed then are loaded before: that takes some too. */
    private String exhaust() {
        HandOver loaded = new HandOver.NotAsked("");
        try {
            while (true) {
                files.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException e) {
            return loaded.getClass().getSimpleName() + " " + (files.size() > 10);
        }
    }

    private String free() {
        try {
            for (FileInputStream file : files) {
                file.close();
            }
            files.clear();
            return "freed";
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    /** Everything is loaded before: the other user may not be allowed to read the class path. */
    private String become(int uid) {
        HandOver loaded = ask();
        Users users = Native.load("c", Users.class);
        return users.setgid(uid) == 0 && users.setuid(uid) == 0
                ? loaded.getClass().getSimpleName()
                : "not allowed";
    }
}
