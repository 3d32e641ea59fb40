#include "core/base/special_functions.h"

#include <array>
#include <cmath>
#include <limits>

namespace core
{

namespace
{
constexpr double kTiny = 1e-300;
constexpr double kEpsilon = 1e-16;
constexpr int kIterationsMax = 10'000;

/// c[0] + c[1] x + … by Horner's rule.
template <std::size_t N> double polynomial(const std::array<double, N> &c, double x)
{
    double sum = c[N - 1];
    for (std::size_t i = N - 1; i-- > 0;)
        sum = sum * x + c[i];
    return sum;
}

/// ln Γ, a > 0. POSIX's std::lgamma writes a global sign, which two threads would share.
double logGamma(double a)
{
#ifdef _WIN32
    return std::lgamma(a);
#else
    int sign = 0;
    return ::lgamma_r(a, &sign);
#endif
}

double logBeta(double a, double b) { return logGamma(a) + logGamma(b) - logGamma(a + b); }

/// Continued fraction of I_x(a, b), best for x < (a + 1) ÷ (a + b + 2).
std::optional<double> betaFraction(double a, double b, double x)
{
    double c = 1;
    double d = 1 - (a + b) * x / (a + 1);
    d = 1 / (std::abs(d) < kTiny ? kTiny : d);
    double result = d;
    for (int m = 1; m <= kIterationsMax; ++m) {
        const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double change = 1;
        for (const double numerator : {even, odd}) {
            d = 1 + numerator * d;
            d = 1 / (std::abs(d) < kTiny ? kTiny : d);
            c = 1 + numerator / c;
            if (std::abs(c) < kTiny)
                c = kTiny;
            change = c * d;
            result *= change;
        }
        if (std::abs(change - 1) < 4 * kEpsilon)
            return result;
    }
    return std::nullopt;
}
} // namespace

double normalCdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

std::optional<double> normalQuantile(double p)
{
    if (!(p > 0 && p < 1))
        return std::nullopt;
    static constexpr std::array a{3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3,
                                  1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                  3.3430575583588128105e+4, 2.5090809287301226727e+3};
    static constexpr std::array b{1.0,
                                  4.2313330701600911252e+1,
                                  6.8718700749205790830e+2,
                                  5.3941960214247511077e+3,
                                  2.1213794301586595867e+4,
                                  3.9307895800092710610e+4,
                                  2.8729085735721942674e+4,
                                  5.2264952788528545610e+3};
    static constexpr std::array c{1.42343711074968357734e0,  4.63033784615654529590e0,  5.76949722146069140550e0,
                                  3.64784832476320460504e0,  1.27045825245236838258e0,  2.41780725177450611770e-1,
                                  2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static constexpr std::array d{1.0,
                                  2.05319162663775882187e0,
                                  1.67638483018380384940e0,
                                  6.89767334985100004550e-1,
                                  1.48103976427480074590e-1,
                                  1.51986665636164571966e-2,
                                  5.47593808499534494600e-4,
                                  1.05075007164441684324e-9};
    static constexpr std::array e{6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                                  2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                  2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static constexpr std::array f{1.0,
                                  5.99832206555887937690e-1,
                                  1.36929880922735805310e-1,
                                  1.48753612908506148525e-2,
                                  7.86869131145613259100e-4,
                                  1.84631831751005468180e-5,
                                  1.42151175831644588870e-7,
                                  2.04426310338993978564e-15};
    const double q = p - 0.5;
    if (std::abs(q) <= 0.425) {
        const double r = 0.180625 - q * q;
        return q * polynomial(a, r) / polynomial(b, r);
    }
    const double r = std::sqrt(-std::log(q < 0 ? p : 1 - p));
    const double value =
        r <= 5 ? polynomial(c, r - 1.6) / polynomial(d, r - 1.6) : polynomial(e, r - 5) / polynomial(f, r - 5);
    return q < 0 ? -value : value;
}

std::optional<double> incompleteBeta(double a, double b, double x)
{
    if (!(a > 0 && b > 0 && x >= 0 && x <= 1) || std::isinf(a) || std::isinf(b))
        return std::nullopt;
    if (x == 0 || x == 1)
        return x;
    const double front = std::exp(a * std::log(x) + b * std::log1p(-x) - logBeta(a, b));
    if (x < (a + 1) / (a + b + 2)) {
        const auto fraction = betaFraction(a, b, x);
        return fraction ? std::optional(front * *fraction / a) : std::nullopt;
    }
    const auto fraction = betaFraction(b, a, 1 - x);
    return fraction ? std::optional(1 - front * *fraction / b) : std::nullopt;
}

std::optional<double> betaQuantile(double a, double b, double p)
{
    if (!(a > 0 && b > 0 && p >= 0 && p <= 1))
        return std::nullopt;
    if (p == 0 || p == 1)
        return p;
    double low = 0;
    double high = 1;
    double x = a / (a + b);
    const double norm = logBeta(a, b);
    for (int i = 0; i < 400; ++i) {
        const auto value = incompleteBeta(a, b, x);
        if (!value)
            return std::nullopt;
        (*value < p ? low : high) = x;
        const double density = std::exp((a - 1) * std::log(x) + (b - 1) * std::log1p(-x) - norm);
        double next = density > 0 ? x - (*value - p) / density : low;
        if (!(next > low && next < high))
            next = 0.5 * (low + high);
        if (std::abs(next - x) <= 4 * kEpsilon * std::abs(x) || high - low <= std::numeric_limits<double>::min())
            return next;
        x = next;
    }
    return x;
}

std::optional<double> studentTCdf(double t, double df)
{
    if (!(df > 0) || std::isnan(t))
        return std::nullopt;
    const auto tail = incompleteBeta(df / 2, 0.5, df / (df + t * t));
    if (!tail)
        return std::nullopt;
    return t > 0 ? 1 - *tail / 2 : *tail / 2;
}

std::optional<double> incompleteGamma(double a, double x)
{
    if (!(a > 0 && x >= 0) || std::isinf(a) || std::isinf(x))
        return std::nullopt;
    if (x == 0)
        return 0.0;
    const double front = std::exp(a * std::log(x) - x - logGamma(a));
    if (x < a + 1) {
        double term = 1 / a;
        double sum = term;
        for (int n = 1; n <= kIterationsMax; ++n) {
            term *= x / (a + n);
            sum += term;
            if (term < sum * kEpsilon)
                return front * sum;
        }
        return std::nullopt;
    }
    double b = x + 1 - a;
    double c = 1 / kTiny;
    double d = 1 / b;
    double result = d;
    for (int n = 1; n <= kIterationsMax; ++n) {
        const double numerator = -n * (n - a);
        b += 2;
        d = numerator * d + b;
        d = 1 / (std::abs(d) < kTiny ? kTiny : d);
        c = b + numerator / c;
        if (std::abs(c) < kTiny)
            c = kTiny;
        result *= c * d;
        if (std::abs(c * d - 1) < 4 * kEpsilon)
            return 1 - front * result;
    }
    return std::nullopt;
}

std::optional<double> poissonAtLeast(int n, double lambda)
{
    if (!(lambda > 0))
        return std::nullopt;
    if (n <= 0)
        return 1.0;
    return incompleteGamma(n, lambda);
}

} // namespace core
