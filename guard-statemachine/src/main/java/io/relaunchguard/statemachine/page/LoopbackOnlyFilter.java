package io.relaunchguard.statemachine.page;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The filter that lets a request through only if a user at this machine reads, in a page that this server gave them. It
 * requires all of this: the connection is a loopback connection; no proxy passed it on; the host that it asks for is
 * this machine by a loopback name (so that no name server can lead a browser here); no other site asks; and the request
 * changes nothing. It answers everything else with 403 or 405 and one line of text. Thread-safe.
 *
 * <p>The filter cannot tell a proxy on this machine that hides that it is one from a browser.
 */
public final class LoopbackOnlyFilter implements Filter {

    // Check the form only: with the resolver, a client that names itself would decide.
    private static final Pattern LOOPBACK =
            Pattern.compile("127(\\.\\d{1,3}){3}|\\[?(::1|(0{1,4}:){7}0{0,3}1)(%\\w+)?]?");

    private static final Pattern LOCAL_NAME =
            Pattern.compile("(localhost|127\\.0\\.0\\.1|\\[::1])(:\\d{1,5})?", Pattern.CASE_INSENSITIVE);

    private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

    private static final Set<String> READING = Set.of("GET", "HEAD");

    /** The refusal of a request: its reason, and the status that says so. */
    record Refusal(int status, String why) {

        private static Refusal forbidden(String why) {
            return new Refusal(HttpServletResponse.SC_FORBIDDEN, why);
        }

        /**
         * Writes the refusal, rather than sending it by {@code sendError}, which would have the application draw its
         * error page.
         */
        void writeTo(HttpServletResponse response) throws IOException {
            response.setStatus(status);
            if (status == HttpServletResponse.SC_METHOD_NOT_ALLOWED) {
                response.setHeader("Allow", "GET, HEAD");
            }
            response.setContentType("text/plain;charset=UTF-8");
            response.setHeader("X-Content-Type-Options", "nosniff");
            response.setHeader("Cache-Control", "no-store");
            response.getOutputStream().write("Refused: %s.\n".formatted(why).getBytes(StandardCharsets.UTF_8));
        }
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        Optional<Refusal> refusal = refusal((HttpServletRequest) request);
        if (refusal.isPresent()) {
            refusal.get().writeTo((HttpServletResponse) response);
        } else {
            chain.doFilter(request, response);
        }
    }

    /** Returns why a request is refused; empty if it is not. */
    static Optional<Refusal> refusal(HttpServletRequest given) {
        HttpServletRequest asked = asReceived(given);
        // The local end too: with server.forward-headers-strategy=native, Tomcat reads the remote one from a header.
        if (!isLoopback(given.getRemoteAddr())
                || !isLoopback(asked.getRemoteAddr())
                || !isLoopback(asked.getLocalAddr())) {
            return Optional.of(Refusal.forbidden("this is for this machine only"));
        }
        if (Collections.list(asked.getHeaderNames()).stream().anyMatch(LoopbackOnlyFilter::isOfProxy)) {
            return Optional.of(Refusal.forbidden("this is not for proxies"));
        }
        List<String> hosts = Collections.list(asked.getHeaders("Host"));
        if (hosts.size() != 1 || !LOCAL_NAME.matcher(hosts.get(0)).matches()) {
            return Optional.of(Refusal.forbidden("ask for localhost, 127.0.0.1 or [::1]"));
        }
        String ownOrigin = asked.getScheme() + "://" + hosts.get(0);
        boolean foreign = Collections.list(asked.getHeaders("Origin")).stream()
                        .anyMatch(origin -> !origin.equalsIgnoreCase(ownOrigin))
                || Collections.list(asked.getHeaders("Sec-Fetch-Site")).stream()
                        .anyMatch(site -> !OWN_SITE.contains(site));
        if (foreign) {
            return Optional.of(Refusal.forbidden("another site asks"));
        }
        return READING.contains(asked.getMethod())
                ? Optional.empty()
                : Optional.of(new Refusal(HttpServletResponse.SC_METHOD_NOT_ALLOWED, "this can only be read"));
    }

    /** Returns the request without what earlier filters put over it, such as Spring's filter for forwarded headers. */
    private static HttpServletRequest asReceived(ServletRequest request) {
        ServletRequest received = request;
        while (received instanceof ServletRequestWrapper wrapper) {
            received = wrapper.getRequest();
        }
        return (HttpServletRequest) received;
    }

    private static boolean isLoopback(@Nullable String address) {
        return address != null && LOOPBACK.matcher(address).matches();
    }

    private static boolean isOfProxy(String header) {
        String name = header.toLowerCase(Locale.ROOT);
        return name.startsWith("x-forwarded-")
                || name.equals("forwarded")
                || name.equals("via")
                || name.equals("x-real-ip");
    }
}
