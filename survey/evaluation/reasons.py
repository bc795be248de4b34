"""Why a test was chosen, in words for the evaluator."""

from survey.forms.wording import Text

WHY: dict[str, Text] = {
    "one_mean": {
        "zh-Hans": "一组的平均数与目标值比较：单样本 t 检验。",
        "en": "One mean is held against a target: the one-sample t test.",
    },
    "bounded_mean": {
        "zh-Hans": "几乎所有人给出同一回答，t 检验会出错：改用加夫克检验，它只假定得分有最低和最高值，"
        "是精确二项检验对多个等级的推广。",
        "en": "Nearly everybody gave one answer, where t would err: Gaffke's test, the exact binomial test extended to "
        "several levels, assumes only that scores have a lowest and a highest value.",
    },
    "one_proportion": {
        "zh-Hans": "一组的比率与目标值比较：得分检验，样本小时用精确二项检验，区间用威尔逊法。",
        "en": "One share is held against a target: the score test, exact binomial when small, Wilson's interval.",
    },
    "one_net_promoter": {
        "zh-Hans": "净推荐值与目标值比较：用三项分布的方差，并像其区间那样加上三份回答。",
        "en": "One net promoter score is held against a target: z with the trinomial variance, three answers added as "
        "in its interval.",
    },
    "mann_whitney": {
        "zh-Hans": "结果是有序等级，比较两组：曼-惠特尼检验只用等级的次序，不假定各级等距。",
        "en": "The outcome has ordered levels, there are two groups: Mann-Whitney uses only the order of levels.",
    },
    "brunner_munzel": {
        "zh-Hans": "结果是有序等级，但两组的离散程度相差很大：布伦纳-蒙泽尔检验在这种情况下仍然有效。",
        "en": "The levels are ordered but the groups spread differently: Brunner-Munzel stays valid then.",
    },
    "welch": {
        "zh-Hans": "结果是分数，比较两组的平均数：韦尔奇检验不假定两组方差相等。",
        "en": "The outcome is a score and two means are compared: Welch's test does not assume equal variances.",
    },
    "two_proportions": {
        "zh-Hans": "结果是比率，比较两组：两比例检验，差值用 Newcombe 区间。",
        "en": "The outcome is a share and there are two groups: two proportions, with Newcombe's interval.",
    },
    "two_net_promoters": {
        "zh-Hans": "比较两个净推荐值：用三项分布的方差，不合并。",
        "en": "Two net promoter scores are compared: z with trinomial variances, not pooled.",
    },
    "chi_squared": {
        "zh-Hans": "结果是类别（或只看分布形状）：卡方检验比较各组的整个分布。",
        "en": "The outcome is categories (or the shape alone matters): chi-squared compares whole distributions.",
    },
    "fisher_exact": {
        "zh-Hans": "有的期望频数小于 5，卡方近似不可靠：改用费希尔精确检验。",
        "en": "Some expected counts are below 5, where chi-squared cannot be trusted: Fisher's exact test.",
    },
    "fisher_two_by_two": {
        "zh-Hans": "有的期望频数小于 5，近似不可靠：改用费希尔精确检验。",
        "en": "Some expected counts are below 5, where approximations fail: Fisher's exact test.",
    },
    "signed_rank": {
        "zh-Hans": "同一批人前后两次作答，结果是有序等级：威尔科克森符号秩检验；没有变化的人不参与排序。",
        "en": "The same people answered twice, in ordered levels: Wilcoxon's signed ranks, of those who changed.",
    },
    "paired_t": {
        "zh-Hans": "同一批人前后两次作答，结果是分数：对每个人的变化作配对 t 检验。",
        "en": "The same people answered twice and the outcome is a score: the paired t test of each person's change.",
    },
    "mcnemar": {
        "zh-Hans": "同一批人前后两次，结果是是与否：麦克尼马尔检验只看改变了的人，人少时用精确法。",
        "en": "The same people twice, yes or no: McNemar's test looks at those who changed, exactly when they are few.",
    },
    "marginal_homogeneity": {
        "zh-Hans": "同一批人前后两次，结果是类别：检验两次的分布是否相同。",
        "en": "The same people twice, in categories: the test of marginal homogeneity compares both distributions.",
    },
    "kruskal_wallis": {
        "zh-Hans": "结果是有序等级，有两个以上无次序的组：克鲁斯卡尔-沃利斯检验。",
        "en": "The outcome has ordered levels and there are several groups without an order: Kruskal-Wallis.",
    },
    "welch_anova": {
        "zh-Hans": "比较两个以上的组的平均分：韦尔奇方差分析不假定各组离散程度相同。",
        "en": "Several groups are compared by their means: Welch's analysis of variance lets them spread differently.",
    },
    "jonckheere": {
        "zh-Hans": "各组本身有次序：约翰基尔检验看结果是否随组的次序上升或下降。",
        "en": "The groups are in an order: Jonckheere asks whether the outcome rises or falls with it.",
    },
    "cochran_armitage": {
        "zh-Hans": "结果是比率，各组有次序：科克伦-阿米蒂奇检验看比率是否随次序上升或下降。",
        "en": "The outcome is a share and the groups are in an order: Cochran-Armitage asks whether it rises or falls.",
    },
    "trend_slope": {
        "zh-Hans": "各组有次序，或有四轮以上调查：每一步（每年）平均变化多少，用对方差不等稳健的标准误（HC1）。",
        "en": "Groups in order, or four waves or more: the mean change a step or a year, with a standard error robust "
        "to unequal variances (HC1).",
    },
    "did_means": {
        "zh-Hans": "试点与对照、前与后，每次是不同的人：双重差分，稳健标准误。前提是没有试点时两边会平行变化。",
        "en": "Pilot and control, before and after, other people each time: difference in differences, robust errors. "
        "It assumes that both would have moved in parallel without the pilot.",
    },
    "did_proportions": {
        "zh-Hans": "试点与对照、前与后的比率：线性概率的双重差分。前提是没有试点时两边会平行变化。",
        "en": "Shares of pilot and control, before and after: difference in differences of a linear probability. It "
        "assumes that both would have moved in parallel without the pilot.",
    },
    "did_net_promoter": {
        "zh-Hans": "试点与对照、前与后的净推荐值：双重差分。前提是没有试点时两边会平行变化。",
        "en": "Net promoter scores of pilot and control, before and after: difference in differences. It assumes that "
        "both would have moved in parallel without the pilot.",
    },
    "did_panel": {
        "zh-Hans": "试点与对照的同一批人前后各答一次：比较每个人的变化；整组做试点时按组计算误差。",
        "en": "The same people of pilot and control before and after: their changes are compared, by whole clusters "
        "where clusters are the pilots.",
    },
    "did_clusters": {
        "zh-Hans": "整个单位（如大厅）做试点：按单位计算误差（CR1），单位少于 20 个时用置换检验。",
        "en": "Whole clusters are the pilots: errors by cluster (CR1), and below 20 clusters a permutation of them.",
    },
    "weighted_one_mean": {
        "zh-Hans": "有权重或整群：按抽样设计计算平均数的误差，并按整群数目校正（CR2，萨特思韦特自由度）。",
        "en": "There are weights or clusters: the mean's error is that of the design, corrected for few clusters (CR2, "
        "Satterthwaite).",
    },
    "weighted_one_share": {
        "zh-Hans": "有权重或整群：按抽样设计计算比率的误差，并按整群数目校正，区间用 Korn-Graubard 法。",
        "en": "There are weights or clusters: the share's error is that of the design, corrected for few clusters, its "
        "interval Korn-Graubard's.",
    },
    "weighted_rank": {
        "zh-Hans": "结果是有序等级，有权重或整群：按抽样设计的秩检验（Lumley-Scott），按整群数目校正。",
        "en": "Ordered levels under weights or clusters: the rank test of the design (Lumley and Scott), corrected for "
        "few clusters.",
    },
    "weighted_welch": {
        "zh-Hans": "比较两个平均数，有权重或整群：按抽样设计的 t 检验，按整群数目校正（CR2，萨特思韦特自由度）。",
        "en": "Two means under weights or clusters: t with the design's variance, corrected for few clusters (CR2, "
        "Satterthwaite).",
    },
    "weighted_two_shares": {
        "zh-Hans": "比较两个比率，有权重或整群：按抽样设计的 t 检验，按整群数目校正（CR2，萨特思韦特自由度）。",
        "en": "Two shares under weights or clusters: t with the design's variance, corrected for few clusters (CR2, "
        "Satterthwaite).",
    },
    "weighted_anova": {
        "zh-Hans": "比较几个平均数，有权重或整群：按抽样设计的霍特林 F 检验，按整群数目校正（CR2）。",
        "en": "Several means under weights or clusters: Hotelling's F with the design's variance, corrected for few "
        "clusters (CR2).",
    },
    "rao_scott": {
        "zh-Hans": "比较分布，有权重或整群：劳-斯科特二阶校正的卡方检验，按整群数目校正。",
        "en": "Distributions under weights or clusters: chi-squared with Rao and Scott's second-order correction, and "
        "one for few clusters.",
    },
    "weighted_trend": {
        "zh-Hans": "有次序的组或多轮调查，有权重或整群：按抽样设计的斜率，按整群数目校正。",
        "en": "Groups in order, or waves, under weights or clusters: the slope with the design's variance, corrected "
        "for few clusters.",
    },
    "weighted_did": {
        "zh-Hans": "试点与对照、前与后，有权重或整群：按抽样设计的双重差分，按整群数目校正。"
        "前提是没有试点时两边会平行变化。",
        "en": "Pilot and control, before and after, under weights or clusters: difference in differences with the "
        "design's variance, corrected for few clusters. It assumes that both would have moved in parallel without the "
        "pilot.",
    },
}
ASKED_FOR: Text = {"zh-Hans": "按要求直接使用这一检验。", "en": "This test was asked for by name."}
INSTEAD: Text = {
    "zh-Hans": "原选的检验在这些数据上算不出来，改用这一检验。",
    "en": "The test chosen first cannot be computed from these data; this one stands in.",
}
