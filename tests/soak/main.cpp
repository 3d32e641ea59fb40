// Ten minutes of trouble: both clients against both loopback exchanges, and then the question what was lost.
#include <cstdio>

#include <QtCore/QCommandLineParser>
#include <QtCore/QCoreApplication>
#include <QtCore/QRandomGenerator>

#include "core/venue/listed_markets.h"
#include "tests/soak/soak.h"

using namespace Qt::StringLiterals;

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addOption({u"minutes"_s, u"How long the trouble lasts."_s, u"minutes"_s, u"10"_s});
    parser.addOption({u"seed"_s, u"Of market, orders and faults; printed when it is not given."_s, u"number"_s});
    parser.addOption({u"symbols"_s, u"Books on Binance; a fifth as many on Hyperliquid."_s, u"count"_s, u"50"_s});
    parser.addOption({u"json"_s, u"Print the last line only."_s});
    QCommandLineOption serve(u"serve"_s);
    serve.setFlags(QCommandLineOption::HiddenFromHelp);
    parser.addOption(serve);
    parser.process(application);

    tests::soak::SoakOptions options;
    bool isMinutes = false;
    bool isSymbols = false;
    bool isSeed = true;
    options.minutes = parser.value(u"minutes"_s).toDouble(&isMinutes);
    options.setup.symbols = parser.value(u"symbols"_s).toInt(&isSymbols);
    options.setup.seed = parser.isSet(u"seed"_s) ? parser.value(u"seed"_s).toUInt(&isSeed)
                                                 : QRandomGenerator::system()->bounded(1U, 1'000'000U);
    options.jsonOnly = parser.isSet(u"json"_s);
    const int most = static_cast<int>(core::venue::kListedMarketsMax);
    if (!isMinutes || !isSymbols || !isSeed || options.minutes <= 0 || options.minutes > 1'440 ||
        options.setup.symbols < 1 || options.setup.symbols > most) {
        std::fprintf(stderr, "soak: minutes are above 0, symbols 1 to %d, the seed is a number\n", most);
        return 2;
    }
    if (parser.isSet(serve))
        return tests::soak::serveVenues(options.setup);
    tests::soak::Soak soak(options);
    soak.start([](int status) { QCoreApplication::exit(status); });
    return QCoreApplication::exec();
}
