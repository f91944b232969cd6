package io.relaunchguard.platform.socket;

import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.Patience;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.core.secondstart.SecondStartCodec;
import io.relaunchguard.core.secondstart.SecondStartPort;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Second starts over a Unix domain socket in the profile. Found by {@link java.util.ServiceLoader}. */
public final class SocketSecondStarts implements SecondStartPort {

    private final PeerCheck.Question question;

    /** Creates the port as {@link java.util.ServiceLoader} needs it. */
    public SocketSecondStarts() {
        // Not a method reference: it would load jdk.net here, which may be missing.
        this(channel -> Peer.isThisUser(channel));
    }

    SocketSecondStarts(PeerCheck.Question question) {
        this.question = question;
    }

    @Override
    public Listening listen(Path profile, Receiver receiver) throws IOException {
        try {
            return SecondStartServer.start(new SocketDirectory(profile), new PeerCheck(question), receiver);
        } catch (UnsupportedOperationException | LinkageError e) {
            throw new IOException("this Java has no Unix domain sockets", e);
        } catch (OutOfMemoryError e) {
            throw new IOException("it cannot be listened: " + e.getMessage(), e);
        }
    }

    @Override
    public HandOver handOver(Path profile, SecondStart start, Patience patience, Consumer<Answer> heard) {
        Optional<byte[]> request = SecondStartCodec.encode(start);
        if (request.isEmpty()) {
            return new HandOver.NotAsked(
                    "the arguments are longer than %d bytes".formatted(SecondStartCodec.MAX_BYTES));
        }
        SocketDirectory directory = new SocketDirectory(profile);
        try {
            Peer.requireModule();
            directory.requireOwn();
            if (!directory.hasSocket()) {
                return new HandOver.Nobody("no instance listens on this profile");
            }
        } catch (NoSuchFileException e) {
            return new HandOver.Nobody("no instance listens on this profile");
        } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
            return notAsked(e);
        }
        try (PeerCheck peers = new PeerCheck(question);
                ShortPath path = ShortPath.of(directory.socket())) {
            Exchange.Party party = new Exchange.Party(directory.socket(), patience, heard);
            Optional<HandOver> answered = ask(path, peers, party, request.get(), 2);
            if (answered.isPresent()) {
                return answered.get();
            }
            // The instance is of a version that knows only format 1.
            Optional<byte[]> request1 = SecondStartCodec.encode1(start);
            if (request1.isEmpty()) {
                return new HandOver.NotAsked(
                        "the arguments are longer than %d bytes".formatted(SecondStartCodec.MAX_BYTES_1));
            }
            return ask(path, peers, party, request1.get(), 1)
                    .orElseGet(() -> new HandOver.Refused("the running instance does not accept it"));
        } catch (ConnectException e) {
            return new HandOver.Nobody("the instance that listened on this profile is gone");
        } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
            return notAsked(e);
        }
    }

    /** Asks the instance in one format; empty if it does not know that format. */
    private static Optional<HandOver> ask(
            ShortPath path, PeerCheck peers, Exchange.Party party, byte[] request, int format) throws IOException {
        Duration time = party.patience().answer();
        long deadline = System.nanoTime() + time.toNanos();
        try (SocketChannel channel = connect(path, time)) {
            if (!peers.ask(channel, Duration.ofNanos(Math.max(1, deadline - System.nanoTime())))) {
                return Optional.of(new HandOver.Refused("the instance that listens runs as another user"));
            }
            return Exchange.run(channel, party, request, format);
        } catch (AsynchronousCloseException e) {
            return Optional.of(new HandOver.Unanswered(false, party.socket(), "its queue is full"));
        }
    }

    /**
     * Connects to the socket. A local connection succeeds at once unless the instance's queue is full, see connect(2):
     * EAGAIN, which the JDK does not distinguish from other failures. A blocking connect waits for a place in the
     * queue, and fails at once for any other reason.
     */
    private static SocketChannel connect(ShortPath path, Duration time) throws IOException {
        SocketChannel attempt = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            attempt.configureBlocking(false);
            if (attempt.connect(path.address())) {
                return attempt;
            }
        } catch (ConnectException e) {
            attempt.close();
            throw e;
        } catch (SocketException e) {
            // The blocking attempt below shows why.
        }
        attempt.close();
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(SocketSecondStarts::thread);
        try {
            var unused = timer.schedule(() -> close(channel), time.toNanos(), TimeUnit.NANOSECONDS);
            channel.connect(path.address());
            return channel;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            close(channel);
            throw e;
        } finally {
            timer.shutdownNow();
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // The descriptor is closed nevertheless.
            return;
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "relaunch-guard-connect");
        thread.setDaemon(true);
        return thread;
    }

    private static HandOver notAsked(Throwable cause) {
        // The message of a FileSystemException without a reason is only the file's name.
        String reason = cause.getMessage() == null || isBare(cause)
                ? cause.getClass().getSimpleName() + ": " + cause.getMessage()
                : cause.getMessage();
        return new HandOver.NotAsked(reason);
    }

    private static boolean isBare(Throwable cause) {
        return cause instanceof LinkageError || (cause instanceof FileSystemException file && file.getReason() == null);
    }
}
