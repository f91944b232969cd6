package io.relaunchguard.platform.socket;

import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.core.secondstart.Reply;
import io.relaunchguard.core.secondstart.ReplyCodec;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.core.secondstart.SecondStartCodec;
import io.relaunchguard.core.secondstart.SecondStartCodec.Decoding;
import io.relaunchguard.core.secondstart.SecondStartPort.Asker;
import io.relaunchguard.core.secondstart.SecondStartPort.Listening;
import io.relaunchguard.core.secondstart.SecondStartPort.Receiver;
import io.relaunchguard.platform.file.Uninterruptibly;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The listening side of second starts. One thread sleeps in the selector until a client connects, writes or gets an
 * answer, or the time of a connection is over. A client can occupy a few connections for a few seconds, and no more;
 * further ones wait in the kernel's queue. A temporary failure, such as a lack of descriptors, is reported once and
 * retried.
 *
 * <p>The file of the socket stays when the server is closed: it may belong to a successor by then, and a socket without
 * a listener refuses connections.
 */
final class SecondStartServer implements Listening {

    /** The maximum number of connections served at a time. */
    static final int MOST_CONNECTIONS = 32;

    /** The maximum number of connections in the kernel's queue. */
    static final int MOST_QUEUED = 64;

    /** How long it may take until a request has arrived and its user is known. */
    static final Duration TO_ARRIVE = Duration.ofSeconds(2);

    /** How long the application may take to handle a request before its connection is closed. */
    static final Duration TO_BE_ANSWERED = Duration.ofSeconds(60);

    /** How long a request may wait for the application to start, or to end. */
    static final Duration TO_START_OR_END = Duration.ofMinutes(10);

    /**
     * How long a request of format 1 may wait for the same. Such a client cannot be told of it and takes silence for a
     * hang, so this is less than its default timeout.
     */
    static final Duration UNTOLD = Duration.ofSeconds(4);

    /** How long accepting pauses after a failure. Without the pause, the selector would return immediately, forever. */
    static final Duration PAUSE = Duration.ofSeconds(1);

    private static final int FIRST_BYTES = 1024;

    private final ServerSocketChannel server;
    private final Selector selector;
    private final SelectionKey accepting;
    private final PeerCheck peers;
    private final Receiver receiver;
    private final Queue<Runnable> work = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::serve, "relaunch-guard-second-start");
    private volatile boolean closed;
    private volatile long end;
    private volatile boolean hasEnd;
    private long pausedUntil = System.nanoTime();
    private boolean troubled;

    private SecondStartServer(ServerSocketChannel server, Selector selector, PeerCheck peers, Receiver receiver)
            throws IOException {
        this.server = server;
        this.selector = selector;
        this.peers = peers;
        this.receiver = receiver;
        this.accepting = server.register(selector, SelectionKey.OP_ACCEPT);
    }

    static SecondStartServer start(SocketDirectory directory, PeerCheck peers, Receiver receiver) throws IOException {
        Peer.requireModule();
        directory.prepare();
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Selector selector = null;
        SecondStartServer started = null;
        try (ShortPath path = ShortPath.of(directory.socket())) {
            server.bind(path.address(), MOST_QUEUED);
            directory.close();
            server.configureBlocking(false);
            selector = Selector.open();
            SecondStartServer made = new SecondStartServer(server, selector, peers, receiver);
            made.thread.setDaemon(true);
            made.thread.start();
            started = made;
            return started;
        } finally {
            if (started == null) {
                server.close();
                if (selector != null) {
                    selector.close();
                }
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        if (Thread.currentThread() != thread) {
            Uninterruptibly.join(thread);
        }
    }

    @Override
    public void closeAfter(Duration time) {
        end = System.nanoTime() + time.toNanos();
        hasEnd = true;
        selector.wakeup();
    }

    private void serve() {
        try {
            while (!closed && !(hasEnd && end - System.nanoTime() <= 0)) {
                selector.select(this::ready, untilSomethingIsDue());
                for (Runnable next = work.poll(); next != null; next = work.poll()) {
                    next.run();
                }
                endOverdue();
                accepting.interestOps(canAccept() ? SelectionKey.OP_ACCEPT : 0);
            }
        } catch (Throwable t) {
            receiver.failed(t);
        } finally {
            closeAll();
        }
    }

    private void ready(SelectionKey key) {
        if (!key.isValid()) {
            return;
        }
        Connection connection = (Connection) key.attachment();
        try {
            if (connection == null) {
                accept();
            } else {
                connection.read();
            }
        } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
            // The failure concerns this connection alone; the next one may succeed.
            if (connection == null) {
                pausedUntil = System.nanoTime() + PAUSE.toNanos();
                trouble(e);
            } else {
                connection.end();
            }
        }
    }

    private void trouble(Throwable cause) {
        if (!troubled) {
            troubled = true;
            receiver.troubled(new IOException("no connection can be accepted for now", cause));
        }
    }

    private void accept() throws IOException {
        SocketChannel channel = server.accept();
        if (channel == null) {
            return;
        }
        Connection connection = new Connection(channel);
        try {
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, connection);
            troubled = false;
        } catch (IOException | RuntimeException | LinkageError e) {
            connection.end();
            throw e;
        }
    }

    private boolean canAccept() {
        return pausedUntil - System.nanoTime() <= 0 && connections().size() < MOST_CONNECTIONS;
    }

    private List<Connection> connections() {
        return selector.keys().stream()
                .filter(SelectionKey::isValid)
                .map(SelectionKey::attachment)
                .filter(Connection.class::isInstance)
                .map(Connection.class::cast)
                .toList();
    }

    /** Returns the time until the next deadline in milliseconds, as the selector expects it: 0 means forever. */
    private long untilSomethingIsDue() {
        long now = System.nanoTime();
        LongStream deadlines = connections().stream().mapToLong(connection -> connection.deadline);
        LongStream pause = pausedUntil - now > 0 ? LongStream.of(pausedUntil) : LongStream.empty();
        LongStream ends = hasEnd ? LongStream.of(end) : LongStream.empty();
        return LongStream.concat(deadlines, LongStream.concat(pause, ends))
                .map(deadline -> Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - now) + 1))
                .min()
                .orElse(0);
    }

    private void endOverdue() {
        long now = System.nanoTime();
        for (Connection connection : connections()) {
            if (connection.deadline - now <= 0) {
                connection.reply(Reply.of(Answer.REFUSED, connection.overdue));
            }
        }
    }

    private void post(Runnable next) {
        work.add(next);
        selector.wakeup();
    }

    private void closeAll() {
        peers.close();
        connections().forEach(Connection::end);
        try {
            server.close();
            selector.close();
        } catch (IOException e) {
            // The kernel closes them with the process.
            return;
        }
    }

    /** A connection. Only the server's thread uses it, except for the methods of {@link Asker}. */
    private final class Connection implements Asker {

        private final SocketChannel channel;
        private ByteBuffer request = ByteBuffer.allocate(FIRST_BYTES);
        private int format = 1;
        private boolean isWhole;
        private long deadline = System.nanoTime() + TO_ARRIVE.toNanos();
        private String overdue = "the request did not arrive in time";

        Connection(SocketChannel channel) {
            this.channel = channel;
        }

        void read() throws IOException {
            if (!request.hasRemaining()) {
                request = ByteBuffer.allocate(2 * request.capacity()).put(request.flip());
            }
            int length = channel.read(request);
            if (length < 0 || isWhole) {
                // The client no longer waits, or sends more than it may.
                end();
            } else if (length > 0) {
                decode();
            }
        }

        private void decode() {
            Decoding decoding = SecondStartCodec.decode(Arrays.copyOf(request.array(), request.position()));
            if (decoding instanceof Decoding.Malformed malformed) {
                format = malformed.format();
                reply(Reply.of(Answer.REFUSED, malformed.reason()));
            } else if (decoding instanceof Decoding.Whole whole) {
                isWhole = true;
                format = whole.format();
                overdue = "the user database does not answer";
                var unused = peers.ask(channel)
                        .whenComplete((isThisUser, failure) -> post(() -> checked(whole.start(), isThisUser, failure)));
            }
        }

        private void checked(SecondStart start, @Nullable Boolean isThisUser, @Nullable Throwable failure) {
            if (!isWaiting()) {
                return;
            }
            if (!Boolean.TRUE.equals(isThisUser)) {
                reply(Reply.of(
                        Answer.REFUSED,
                        failure == null ? "it comes from another user" : "its user cannot be read: " + failure));
                return;
            }
            overdue = "the application has not dealt with it in time";
            reply(Reply.of(Answer.RECEIVED));
            if (isWaiting()) {
                receiver.received(start, this);
            }
        }

        @Override
        public void answer(Reply reply) {
            post(() -> reply(reply));
        }

        @Override
        public boolean isWaiting() {
            return channel.isOpen() && !closed;
        }

        /** Sends a reply. It always fits into the socket's buffer unless the client has stopped reading. */
        void reply(Reply reply) {
            if (!channel.isOpen()) {
                return;
            }
            try {
                byte[] bytes = format == 2
                        ? ReplyCodec.encode(reply)
                        : ReplyCodec.encode1(reply.answer())
                                .map(one -> new byte[] {one})
                                .orElse(new byte[0]);
                if (channel.write(ByteBuffer.wrap(bytes)) < bytes.length
                        || reply.answer().isLast()
                        || (format == 1 && reply.answer() == Answer.CLOSING)) {
                    end();
                    return;
                }
            } catch (IOException e) {
                end();
                return;
            }
            deadline = System.nanoTime() + toNext(reply.answer()).toNanos();
        }

        private Duration toNext(Answer answer) {
            return switch (answer) {
                case STARTING, CLOSING -> format == 2 ? TO_START_OR_END : UNTOLD;
                case RECEIVED, ACCEPTED, REFUSED, ELSEWHERE -> TO_BE_ANSWERED;
            };
        }

        void end() {
            try {
                channel.close();
            } catch (IOException e) {
                // The descriptor is closed nevertheless.
                return;
            }
        }
    }
}
