#pragma once

#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtTest/QTest>

#include <cmath>

#include "core/domain/fixed8.h"
#include "tests/support/shared_data.h"

/// Reading of the oracle files: cases by kind, tolerances by case or file. ETRMS_ORACLES names another directory.
namespace oracle
{
using namespace Qt::StringLiterals;

inline QString directory()
{
    const QString other = qEnvironmentVariable("ETRMS_ORACLES");
    return other.isEmpty() ? tests::sharedDir() + u"/oracles"_s : other;
}

struct Tolerance {
    double abs{0};
    double rel{0};
    [[nodiscard]] bool holds(double got, double expected) const
    {
        return std::abs(got - expected) <= abs + rel * std::abs(expected);
    }
};

struct Case {
    QString name;
    QString kind;
    QJsonObject input;
    QJsonObject expected;
    Tolerance tolerance;
};

/// Every case of `file`; empty when the file is not there.
inline std::vector<Case> cases(const QString &file)
{
    QFile source(directory() + u'/' + file);
    if (!source.open(QIODevice::ReadOnly))
        return {};
    const QJsonObject root = QJsonDocument::fromJson(source.readAll()).object();
    const QJsonObject common = root[u"tolerance"].toObject();
    std::vector<Case> result;
    for (const QJsonValue &value : root[u"cases"].toArray()) {
        const QJsonObject object = value.toObject();
        const QJsonObject own = object.contains(u"tolerance") ? object[u"tolerance"].toObject() : common;
        result.push_back({object[u"name"].toString(), object[u"kind"].toString(), object[u"input"].toObject(),
                          object[u"expected"].toObject(),
                          {own[u"abs"].toDouble(), own[u"rel"].toDouble()}});
    }
    return result;
}

/// A JSON number (or decimal text) as a fixed-point value; the shortest text of the double is what the file meant. What lies beyond
/// the range becomes the largest value (an "unlimited" cap).
template <class T> T fixed(const QJsonValue &value)
{
    const QString text = value.isString() ? value.toString() : QString::number(value.toDouble(), 'f', 8);
    const auto parsed = core::parseFixed<T>(text.toStdString());
    return parsed ? *parsed : T::fromRaw(std::numeric_limits<std::int64_t>::max());
}
} // namespace oracle
